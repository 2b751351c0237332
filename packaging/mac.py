"""The bundle on macOS: what its Info.plist says. Not run yet: there was no such machine."""

from __future__ import annotations

from pfstudio.core.application import APP_ID, APP_NAME, TRACE_SUFFIX, TRACE_TYPE

IDENTIFIER = APP_ID
OLDEST_SYSTEM = "13.0"  # of Qt 6.11
_TRACE = f"{APP_ID}.trace"


def info_plist(version: str) -> dict[str, object]:
    """What PyInstaller adds to its own entries."""
    return {
        "CFBundleDisplayName": APP_NAME,
        "CFBundleShortVersionString": version,
        "LSApplicationCategoryType": "public.app-category.graphics-design",
        "LSMinimumSystemVersion": OLDEST_SYSTEM,
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,  # the theme follows the system
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Patch Forcing trace",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [_TRACE],
            },
            {
                "CFBundleTypeName": "Image",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["public.png", "public.jpeg", "org.webmproject.webp"],
            },
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": _TRACE,
                "UTTypeDescription": "Patch Forcing trace",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": [TRACE_SUFFIX.removeprefix(".")],
                    "public.mime-type": [TRACE_TYPE],
                },
            }
        ],
    }

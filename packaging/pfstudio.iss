; The installer for Windows, by Inno Setup 6: `python packaging/build.py installer`.
; Not run yet: there was no such machine. It installs for this user, or for all who have the rights.

#define Name "Patch Forcing Studio"
#define Id "io.github.patch_forcing_studio"

[Setup]
AppId={#Id}
AppName={#Name}
AppVersion={#Version}
AppPublisher=The Patch Forcing Studio developers
DefaultDirName={autopf}\{#Name}
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
DisableProgramGroupPage=yes
LicenseFile=..\LICENSE
OutputDir=..\dist
OutputBaseFilename=pfstudio-{#Version}-setup
SetupIconFile=..\build\pfstudio.ico
UninstallDisplayIcon={app}\pfstudio.exe
Compression=lzma2/ultra64
SolidCompression=yes
ChangesAssociations=yes
CloseApplications=yes

[Files]
Source: "..\dist\pfstudio\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{autoprograms}\{#Name}"; Filename: "{app}\pfstudio.exe"; AppUserModelID: "{#Id}"

[Registry]
Root: HKA; Subkey: "Software\Classes\.pftrace"; ValueType: string; ValueData: "{#Id}.trace"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\{#Id}.trace"; ValueType: string; ValueData: "Patch Forcing trace"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\{#Id}.trace\DefaultIcon"; ValueType: string; ValueData: "{app}\pfstudio.exe,0"
Root: HKA; Subkey: "Software\Classes\{#Id}.trace\shell\open\command"; ValueType: string; ValueData: """{app}\pfstudio.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\pfstudio.exe\shell\open\command"; ValueType: string; ValueData: """{app}\pfstudio.exe"" ""%1"""; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\pfstudio.exe\SupportedTypes"; ValueType: string; ValueName: ".png"
Root: HKA; Subkey: "Software\Classes\Applications\pfstudio.exe\SupportedTypes"; ValueType: string; ValueName: ".jpg"
Root: HKA; Subkey: "Software\Classes\Applications\pfstudio.exe\SupportedTypes"; ValueType: string; ValueName: ".webp"

[Run]
Filename: "{app}\pfstudio.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
procedure CurUninstallStepChanged(Step: TUninstallStep);
begin
  if (Step = usPostUninstall) and not UninstallSilent then
    MsgBox('Your images in Pictures\{#Name}, your models and your settings are kept.',
      mbInformation, MB_OK);
end;

"""Install the Debian package in an empty root, use it from its start menu, and remove it again.

    python3 packaging/check_deb.py [FILE.deb] [--picture FILE.png]    without it, the one in dist/

The root is a folder with copies of what the package depends on and recommends, taken from this
machine, and nothing else; commands run inside by chroot, and the window opens on a screen in
memory. Needs Debian or Ubuntu, root, Xvfb and xdotool, and 2 GB in the folder for temporary files.
Exit code 1 if anything is not as it should be.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pfstudio.core.application import APP_ID, APP_NAME, TRACE_SUFFIX, TRACE_TYPE  # noqa: E402

TOOLS = ("dpkg", "unshare", "chroot", "Xvfb", "xdotool")
ENTRY = f"usr/share/applications/{APP_ID}.desktop"
CACHE = "usr/share/applications/mimeinfo.cache"
HOME = "home/me"
PICTURES = f"{HOME}/Pictures/{APP_NAME}"
SEED = 4242
_MOUNTED = """
mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" &&
exec chroot --userspec="$1" "$0" "${@:2}"
"""


class CheckError(Exception):
    """Something is not as it should be; the text says what."""


def main() -> int:
    """Run the checks; returns the exit code."""
    parser = argparse.ArgumentParser(description="Try the Debian package in an empty root.")
    parser.add_argument("package", nargs="?", type=Path, metavar="FILE.deb")
    parser.add_argument("--picture", type=Path, help="keep a picture of the window with the file")
    args = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    packages = [args.package] if args.package else sorted((ROOT / "dist").glob("pfstudio_*.deb"))
    try:
        if missing:
            raise CheckError(f"{', '.join(missing)} is not on the PATH: install it.")
        if not packages or not packages[-1].is_file():
            raise CheckError("There is no package: build it with packaging/build.py deb.")
        with tempfile.TemporaryDirectory(prefix="pfstudio-root-") as folder, screen() as display:
            check(Path(folder), packages[-1], display, args.picture)
    except CheckError as error:
        print(f"check_deb: {error}", file=sys.stderr)
        return 1
    return 0


def check(root: Path, package: Path, display: str, picture: Path | None) -> None:
    """Everything that the life of a package has."""
    fill(root, needed(package))
    shutil.copy(package, root / "package.deb")
    before = files_in(root)
    inside(root, ["dpkg", "--install", "/package.deb"])
    say("installed", f"{len(files_in(root) - before)} files")

    registered = applications(root)
    expect(f"{APP_ID}.desktop" in registered.get(TRACE_TYPE, ()), "traces are not registered")
    expect(f"{APP_ID}.desktop" in registered.get("image/png", ()), "images are not registered")
    expect((root / f"usr/share/icons/hicolor/48x48/apps/{APP_ID}.png").is_file(), "no icon")
    say("in the start menu", f"{CACHE} knows {TRACE_TYPE}")

    trace = f"/{HOME}/a run{TRACE_SUFFIX}"
    flags = ["--class", "fox", "--seed", str(SEED), "--nfe", "8", "--trace", trace]
    inside(root, ["pfstudio", "generate", *flags], user="1000")
    say("run", f"pfstudio generate --trace '{trace}'")

    with started(root, exec_line(root / ENTRY, []), display) as window:
        say("started from the start menu", f"window: {title_of(window, display)!r}")
    (entry,) = applications(root)[type_of(root, trace)]
    words = exec_line(root / "usr/share/applications" / entry, [trace])
    with started(root, words, display, f"seed {SEED}") as window:
        say("opened from the file manager", f"window: {title_of(window, display)!r}")
        if picture is not None:
            take_picture(display, picture)

    pictures = {name for name in files_in(root) if name.startswith(PICTURES)}
    expect(any(name.endswith(".png") for name in pictures), "no picture was saved")
    for verb in ("--remove", "--purge"):
        inside(root, ["dpkg", verb, "pfstudio"])
    left = files_in(root) - before
    strange = sorted(name for name in left if not name.startswith(f"{HOME}/"))
    expect(not strange, f"left behind: {', '.join(strange[:9])}")
    expect(pictures <= left, "pictures of the user are gone")
    expect(f"{APP_ID}.desktop" not in str(applications(root)), "still in the start menu")
    say("removed", f"left are {len(pictures)} files in ~/Pictures and the user's own folders:")
    for folder in sorted({"/".join(name.split("/")[2:5]) for name in left - pictures}):
        print(f"    ~/{folder}")


def say(what: str, more: str) -> None:
    print(f"{what}: {more}", flush=True)


def expect(fact: bool, otherwise: str) -> None:
    if not fact:
        raise CheckError(f"{otherwise}.")


# -- a root ---------------------------------------------------------------------------------------


def needed(package: Path) -> list[str]:
    """Names of the installed packages that it needs or recommends, with what those need."""
    form = "${Package}\\t${Essential}\\t${Provides}\\t${Pre-Depends}, ${Depends}\\n"
    rows = output(["dpkg-query", "--show", f"--showformat={form}"]).splitlines()
    installed = {row[0]: row for row in (line.split("\t") for line in rows)}
    provided = {name: row[0] for row in installed.values() for name in names_in(row[2])}
    own = output(["dpkg-deb", "--field", str(package), "Depends", "Recommends"])
    asked = [part for line in own.splitlines() for part in line.partition(":")[2].split(",")]
    todo = [*asked, "dpkg", *(row[0] for row in installed.values() if row[1] == "yes")]
    found: set[str] = set()
    while todo:
        choices = [provided.get(name, name) for name in names_in(todo.pop().replace("|", ","))]
        name = next((name for name in choices if name in installed), "")
        expect(bool(name) or not choices, f"{' or '.join(choices)} is not installed here")
        if name and name not in found:
            found.add(name)
            todo += installed[name][3].split(",")
    return sorted(found)


def names_in(field: str) -> list[str]:
    """Names of the packages in a field, without versions and architectures."""
    return re.findall(r"(?:^|,)\s*([a-z0-9][a-z0-9+.-]*)", field)


def fill(root: Path, packages: Sequence[str]) -> None:
    """Copies of these packages of this machine, known to a dpkg of its own, and one user."""
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for name in ("dev", "proc", "tmp", "etc", "var/lib/dpkg/info", "var/lib/dpkg/updates",
                 "var/lib/dpkg/triggers", f"{HOME}/Pictures"):  # fmt: skip
        (root / name).mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    (root / "tmp").chmod(0o1777)
    listed = output(["dpkg-query", "--listfiles", *packages]).splitlines()
    dpkg = Path("/var/lib/dpkg")
    for name in packages:
        listed += [str(path) for path in dpkg.glob(f"info/{name}[.:]*")]
    for about in (dpkg / "alternatives").iterdir():  # e.g. `which`, which triggers call
        choice = f"/etc/alternatives/{about.name}"
        if os.readlink(choice) in listed:
            listed += [choice, about.read_text().splitlines()[1]]
    there = [name for name in dict.fromkeys(listed) if os.path.lexists(name) and name != "/."]
    copy = "tar --create --no-recursion --null --files-from=- | "
    copy += 'tar --extract --keep-directory-symlink --directory="$0"'
    names = "\0".join(name.removeprefix("/") for name in there)
    subprocess.run(["sh", "-c", copy, str(root)], cwd="/", input=names, text=True, check=True)
    (root / "var/lib/dpkg/status").write_text(output(["dpkg", "--status", *packages]))
    triggers = (dpkg / "triggers/File").read_text().splitlines(keepends=True)
    wanted = [line for line in triggers if line.split()[1].split("/")[0] in packages]
    (root / "var/lib/dpkg/triggers/File").write_text("".join(wanted))
    (root / "etc/passwd").write_text(
        f"root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/{HOME}:/bin/sh\n"
    )
    (root / "etc/group").write_text("root:x:0:\nme:x:1000:\n")
    for path in (root / HOME, root / HOME / "Pictures"):
        shutil.chown(path, 1000, 1000)
    inside(root, ["ldconfig"])
    inside(root, ["update-mime-database", "/usr/share/mime"])
    inside(root, ["update-desktop-database", "-q"])


def files_in(root: Path) -> set[str]:
    """Every file and folder in a root but dpkg's own notes."""
    paths = output(["find", str(root), "-mindepth", "1", "-printf", "%P\\n"]).splitlines()
    own = ("var/lib/dpkg", "var/log", "proc/", "dev/")
    return {path for path in paths if not path.startswith(own)}


def command_in(root: Path, words: Sequence[str], user: str, display: str = "") -> list[str]:
    """A command that runs these words in a root, with file systems of the kernel."""
    outer = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    clean = ["env", "-i", f"HOME=/{HOME if user != '0' else 'root'}", "LANG=C.UTF-8",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", f"DISPLAY={display}"]  # fmt: skip
    return [*outer, "bash", "-c", _MOUNTED, str(root), f"{user}:{user}", *clean, *words]


def inside(root: Path, words: Sequence[str], user: str = "0") -> None:
    """Run a command in a root; CheckError with what it said if it fails."""
    done = subprocess.run(command_in(root, words, user), capture_output=True, text=True)
    expect(
        done.returncode == 0, f"{shlex.join(words)} failed: {(done.stdout + done.stderr)[-2000:]}"
    )


def output(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# -- a desktop ------------------------------------------------------------------------------------


def applications(root: Path) -> dict[str, list[str]]:
    """Entries of the start menu by the types that they open."""
    lines = (root / CACHE).read_text().splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {kind: [name for name in names.split(";") if name] for kind, _, names in pairs}


def type_of(root: Path, name: str) -> str:
    """The type that the database of the desktop gives a file by its name."""
    lines = (root / "usr/share/mime/globs2").read_text().splitlines()
    rows = (line.split(":") for line in lines if not line.startswith("#"))
    return next(row[1] for row in rows if row[2].startswith("*.") and name.endswith(row[2][1:]))


def exec_line(entry: Path, files: Iterable[str]) -> list[str]:
    """The command of an entry, as a desktop forms it for these files."""
    read = ConfigParser(interpolation=None)
    read.read(entry, encoding="utf-8")
    words = shlex.split(read["Desktop Entry"]["Exec"])
    return [new for word in words for new in (files if word == "%F" else [word])]


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """A screen in memory; its name."""
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-ac", "-nolisten", "tcp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        yield f":{server.stdout.readline().strip()}"
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


@contextlib.contextmanager
def started(root: Path, words: Sequence[str], display: str, name: str = APP_NAME) -> Iterator[str]:
    """The window of a program, once its title holds `name`; Ctrl+Q ends it."""
    log = root.parent / f"{root.name}.log"
    with log.open("w+") as said:
        program = subprocess.Popen(
            command_in(root, words, "1000", display), stdout=said, stderr=subprocess.STDOUT
        )
        try:
            window = ""
            for _ in range(240):
                find = ["xdotool", "search", "--onlyvisible", "--name", name]
                window = on(display, find).partition("\n")[0]
                if window or program.poll() is not None:
                    break
                time.sleep(0.5)
            expect(bool(window), f"no window named {name}: {log.read_text()[-2000:]}")
            yield window
            on(display, ["xdotool", "windowfocus", "--sync", window, "key", "ctrl+q"])
            expect(ended(program) == 0, f"it did not end well: {log.read_text()[-2000:]}")
        finally:
            program.kill()
            program.wait()
            log.unlink()


def ended(program: subprocess.Popen[bytes]) -> int | None:
    """Its exit code; None: it goes on."""
    try:
        return program.wait(120)
    except subprocess.TimeoutExpired:
        return None


def title_of(window: str, display: str) -> str:
    return on(display, ["xdotool", "getwindowname", window]).strip()


def on(display: str, command: Sequence[str]) -> str:
    """What a command says on this screen."""
    done = subprocess.run(["env", f"DISPLAY={display}", *command], capture_output=True, text=True)
    return done.stdout


def take_picture(display: str, path: Path) -> None:
    """All of a screen."""
    time.sleep(5)  # until the model has decoded the run
    on(display, ["scrot", "--overwrite", str(path)])


if __name__ == "__main__":
    sys.exit(main())

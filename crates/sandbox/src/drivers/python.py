"""Makes a package do what it does: imports it, calls what it offers, runs its programs. It judges nothing.

Usage: python3 <this> <what> <arguments>, where <what> is startup, modules, call, script, setup or backend.
"""
SETTINGS = {"days": 0, "hurry": 1, "platform": "", "site": ""}

# Everything that a package may import later is imported before the world changes: a standard library that is loaded on a
# platform that is only played breaks.
import asyncio, ctypes, datetime, email, getpass, http.client, inspect, io, json, logging, multiprocessing, os, platform
import runpy, shutil, signal, site, smtplib, socket, socketserver, sqlite3, ssl, subprocess, sys, tempfile, threading, time
import types, unittest.mock, urllib.request, uuid, webbrowser, zipfile

PATIENCE = 10
CALLS = 150
own = types.SimpleNamespace(sleep=time.sleep, time=time.time, monotonic=time.monotonic)


class TooLong(BaseException):
    """Whatever was started takes too long."""


def shift_clock(days):
    offset = days * 86400
    real_time, real_now = time.time, datetime.datetime.now
    real = datetime.datetime

    class Shifted(real):
        @classmethod
        def now(cls, tz=None):
            return real.now(tz) + datetime.timedelta(days=days)

        @classmethod
        def utcnow(cls):
            return real.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(days=days)

        @classmethod
        def today(cls):
            return cls.now()

    class ShiftedDate(datetime.date):
        @classmethod
        def today(cls):
            return Shifted.now().date()

    Shifted.__name__ = Shifted.__qualname__ = "datetime"
    ShiftedDate.__name__ = ShiftedDate.__qualname__ = "date"
    datetime.datetime, datetime.date = Shifted, ShiftedDate
    time.time = lambda: real_time() + offset
    real_local, real_gm, real_format = time.localtime, time.gmtime, time.strftime
    time.localtime = lambda at=None: real_local(time.time() if at is None else at)
    time.gmtime = lambda at=None: real_gm(time.time() if at is None else at)
    time.strftime = lambda form, at=None: real_format(form, time.localtime() if at is None else at)


def hurry(factor):
    time.sleep = lambda wait: own.sleep(wait / factor if wait > 0.05 else wait)
    real_wait = threading.Event.wait
    threading.Event.wait = lambda self, timeout=None: real_wait(self, timeout / factor if timeout and timeout > 1 else timeout)
    real_async = asyncio.sleep
    asyncio.sleep = lambda wait, result=None: real_async(wait / factor if wait > 0.05 else wait, result)


def play_platform(name):
    windows = name == "win32"
    sys.platform = name
    platform.system = lambda: "Windows" if windows else "Darwin"
    platform.platform = lambda *_: "Windows-10-10.0.22631-SP0" if windows else "macOS-14.5-arm64-arm-64bit"
    platform.release = lambda: "10" if windows else "23.5.0"
    ssl.SSLContext._windows_cert_stores = ()
    home = os.path.expanduser("~")
    if windows:
        os.name = "nt"
        folders = {"APPDATA": "/AppData/Roaming", "LOCALAPPDATA": "/AppData/Local", "USERPROFILE": "", "TEMP": "/AppData/Local/Temp"}
        os.environ.update({variable: home + folder for variable, folder in folders.items()})
        os.environ.update({"OS": "Windows_NT", "COMPUTERNAME": socket.gethostname(), "USERNAME": "annika"})
        # What exists on Windows alone must not be missed by its absence.
        sys.getwindowsversion = lambda: types.SimpleNamespace(major=10, minor=0, build=22631, platform=2, service_pack="")
        for name in ("winreg", "_winreg", "msvcrt", "win32api", "win32crypt"):
            sys.modules.setdefault(name, unittest.mock.MagicMock(name=name))
        ctypes.windll = unittest.mock.MagicMock(name="windll")
        subprocess.STARTUPINFO = getattr(subprocess, "STARTUPINFO", unittest.mock.MagicMock)
        for flag in ("CREATE_NO_WINDOW", "DETACHED_PROCESS", "STARTF_USESHOWWINDOW", "SW_HIDE", "CREATE_NEW_PROCESS_GROUP"):
            if not hasattr(subprocess, flag):
                setattr(subprocess, flag, 0)
        real_popen = subprocess.Popen.__init__

        def opened(self, *given, **named):
            named.pop("startupinfo", None)
            named.pop("creationflags", None)
            return real_popen(self, *given, **named)

        subprocess.Popen.__init__ = opened


def alarmed(work, patience=PATIENCE):
    """What comes of some work, which may take a while and no longer."""

    def ring(*_):
        raise TooLong()

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(patience)
    try:
        return work()
    except (Exception, SystemExit, TooLong, KeyboardInterrupt) as error:
        print(f"{type(error).__name__}: {error}"[:300], file=sys.stderr)
        return None
    finally:
        signal.alarm(0)


def apart(work):
    """Does some work in a process of its own: an exit in one module does not hide the next."""
    child = os.fork()
    if child == 0:
        try:
            alarmed(work)
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join(3)
            sys.stdout.flush()
        finally:
            os._exit(0)
    end = own.monotonic() + PATIENCE + 6
    while own.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        own.sleep(0.01)


def given_to(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return [], {}
    needed = [one for one in parameters if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    sample = {str: "sample", int: 1, float: 1.0, bool: True, bytes: b"sample", list: [], dict: {}}
    values = [sample.get(one.annotation, unittest.mock.MagicMock(name=one.name)) for one in needed]
    named = {one.name: "sample" for one in parameters if one.default is one.empty and one.kind is one.KEYWORD_ONLY}
    return values, named


def finish(result):
    if inspect.iscoroutine(result):
        return asyncio.run(asyncio.wait_for(result, 2))
    if inspect.isgenerator(result):
        return next(result, None)
    return result


def explore(module):
    queue, seen, calls = [module], set(), 0
    begin = own.monotonic()
    while queue and calls < CALLS and own.monotonic() - begin < 20:
        value = queue.pop(0)
        for name in dir(value):
            if name.startswith("__"):
                continue
            inner = alarmed(lambda: getattr(value, name), 2)
            if inner is None or id(inner) in seen or inspect.ismodule(inner):
                continue
            seen.add(id(inner))
            home = getattr(inner, "__module__", None) or ""
            if not callable(inner) or not home.startswith(module.__name__.split(".")[0]):
                continue
            calls += 1
            values, named = given_to(inner)
            result = alarmed(lambda: finish(inner(*values, **named)), 5)
            if inspect.isclass(inner) and result is not None:
                queue.append(result)


def request():
    """What every honest program does at some time. Whoever listens in on requests wakes up."""
    asked = urllib.request.Request("https://status.holm.example/v1/report", b'{"password":"sample"}')
    asked.add_header("Authorization", "Bearer " + os.environ.get("NPM_TOKEN", "sample"))
    urllib.request.urlopen(asked, timeout=3).read()


def run_setup():
    """`setup.py` with its own commands; a stand-in takes the place of setuptools where there is none."""
    try:
        import setuptools
        real = setuptools
    except ImportError:
        real = None
    chosen = {}

    class Command:
        def __init__(self, dist=None, **_):
            self.distribution = dist or unittest.mock.MagicMock()

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return unittest.mock.MagicMock(name=name)

        def initialize_options(self):
            pass

        finalize_options = run = do_egg_install = initialize_options

    def setup(**given):
        chosen.update(given.get("cmdclass") or {})

    if real is None:
        names = {"setup": setup, "Command": Command, "Extension": unittest.mock.MagicMock, "find_packages": lambda *_, **__: []}
        for module in ("setuptools", "distutils.core"):
            made = types.ModuleType(module)
            made.__dict__.update(names, find_namespace_packages=names["find_packages"])
            sys.modules[module] = made
        for module in ("install", "develop", "egg_info", "build_py", "build_ext", "build", "sdist", "bdist_wheel"):
            for parent in ("setuptools", "distutils"):
                made = types.ModuleType(f"{parent}.command.{module}")
                setattr(made, module, Command)
                sys.modules[made.__name__] = made
                sys.modules.setdefault(f"{parent}.command", types.ModuleType(f"{parent}.command"))
    out = tempfile.mkdtemp()
    wanted = [["egg_info", "--egg-base", out], ["build", "--build-base", out], ["install", "--prefix", out, "--single-version-externally-managed", "--record", out + "/record"]]
    for arguments in wanted if real else [["install"]]:
        def once():
            sys.argv = ["setup.py", *arguments]
            sys.path.insert(0, os.getcwd())
            runpy.run_path("setup.py", run_name="__main__")
            for command in chosen.values():
                alarmed(lambda: command(unittest.mock.MagicMock()).run())

        apart(once)


def run_backend(backend, folders):
    sys.path[:0] = folders.split(os.pathsep) if folders else []
    name, _, path = backend.partition(":")
    module = __import__(name, fromlist=["_"])
    for part in filter(None, path.split(".")):
        module = getattr(module, part)
    out = tempfile.mkdtemp()
    for hook, given in (
        ("get_requires_for_build_wheel", ()),
        ("get_requires_for_build_sdist", ()),
        ("prepare_metadata_for_build_wheel", (out,)),
        ("build_wheel", (out,)),
        ("build_sdist", (out,)),
        ("build_editable", (out,)),
    ):
        if hasattr(module, hook):
            apart(lambda: getattr(module, hook)(*given))


def main():
    what, given = sys.argv[1], sys.argv[2:]
    if what == "backend" or what == "setup":
        if SETTINGS["days"]:
            shift_clock(SETTINGS["days"])
        if SETTINGS["hurry"] > 1:
            hurry(SETTINGS["hurry"])
        # Build tools must see the platform that they run on.
        run_setup() if what == "setup" else alarmed(lambda: run_backend(*given), 60)
        return
    if SETTINGS["days"]:
        shift_clock(SETTINGS["days"])
    if SETTINGS["hurry"] > 1:
        hurry(SETTINGS["hurry"])
    if SETTINGS["platform"]:
        play_platform(SETTINGS["platform"])
    sys.path[0] = os.getcwd()
    if SETTINGS["site"]:
        # It reads `.pth` files, as every start of the interpreter does.
        alarmed(lambda: site.addsitedir(SETTINGS["site"]))
        sys.path.insert(0, SETTINGS["site"])
    sys.argv = ["main.py"]
    if what == "modules":
        for name in given:
            apart(lambda: __import__(name, fromlist=["_"]))
    elif what == "call":
        def all_of():
            for name in given:
                module = alarmed(lambda: __import__(name, fromlist=["_"]))
                if module is not None:
                    signal.alarm(0)
                    explore(module)
            alarmed(request)

        all_of()
    elif what == "script":
        module, _, attribute = given[0].partition(":")
        sys.argv = [module]

        def script():
            target = __import__(module, fromlist=["_"])
            for part in filter(None, attribute.split(".")):
                target = getattr(target, part)
            target()

        apart(script)
    elif what == "program":
        sys.argv = [given[0]]
        apart(lambda: runpy.run_path(given[0], run_name="__main__"))


main()

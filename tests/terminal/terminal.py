"""The real program in a real terminal: each Session is a tmux server of its own with one pane.

Tests press keys, click, and wait for conditions on the screen; nothing waits for a fixed time. A test is a function
that takes a Session factory; run() runs those of a file, a few at a time, and prints the screen of each that fails.
"""
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, "pages")
PATIENCE = 10  # seconds that any one condition may take
PARALLEL = 4
FILTER = None

counter = 0
counter_lock = threading.Lock()


class Failure(Exception):
    pass


def page(name):
    return os.path.join(PAGES, name)


class Session:
    """One terminal with one program in it. Its own tmux server, folders and environment."""

    def __init__(self, browser, command=None, args=(), size=(110, 30), env=None, clean=False):
        global counter
        with counter_lock:
            counter += 1
            self.name = f"bulkhead-test-{os.getpid()}-{counter}"
        self.folder = tempfile.mkdtemp(prefix="bulkhead-terminal-")
        self.browser = browser
        self.log = os.path.join(self.folder, "traffic.jsonl")
        variables = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        variables.update(env or {})
        self.env = variables
        sets = " ".join(f"{k}={shlex.quote(v)}" for k, v in variables.items() if v is not None)
        unsets = " ".join(f"-u {k}" for k, v in variables.items() if v is None)
        if command is None:
            words = " ".join(shlex.quote(w) for w in
                             [browser, "--profile", self.folder, "--log", self.log, *args])
            run = f"env {unsets} {sets} {words} 2>{self.folder}/stderr"
            command = (f"cd {self.folder}; stty -a >before; echo the shell was here; {run}; "
                       f"echo ended with $? >status; stty -a >after; echo; echo back in the shell; exec sleep 1000")
        self.tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "sh", "-c", command)

    def tmux(self, *words, check=True):
        result = subprocess.run(["tmux", "-L", self.name, "-f", "/dev/null", *words],
                                capture_output=True, text=True, errors="replace", env={**os.environ, "TMUX": ""})
        if check and result.returncode:
            raise Failure(f"tmux {words[0]}: {result.stderr.strip()}")
        return result.stdout

    # What is seen
    def screen(self, colors=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colors else []))

    def rows(self):
        return self.screen().split("\n")

    def wait(self, what, condition=None, patience=PATIENCE):
        """Until the text (or regular expression, or condition on the screen) is there. Returns the screen."""
        if condition is None:
            pattern = re.compile(what, re.M)
            condition = lambda screen: pattern.search(screen)
        end = time.monotonic() + patience
        while True:
            screen = self.screen()
            if condition(screen):
                return screen
            if time.monotonic() > end:
                raise Failure(f"not within {patience} s: {what}")
            time.sleep(0.03)

    def wait_gone(self, what, patience=PATIENCE):
        pattern = re.compile(what, re.M)
        return self.wait(f"that there is no {what}", lambda screen: not pattern.search(screen), patience)

    def until(self, what, condition, patience=PATIENCE):
        """Until a condition that is not on the screen holds; returns its value."""
        end = time.monotonic() + patience
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise Failure(f"not within {patience} s: {what}")
            time.sleep(0.03)

    def find(self, text):
        """Row and column of a text on the screen."""
        for number, row in enumerate(self.rows()):
            if text in row:
                return number, row.index(text)
        raise Failure(f"not on the screen: {text}")

    def flag(self, name):
        return self.tmux("display-message", "-p", "#{" + name + "}").strip()

    # What is done
    def keys(self, *names):
        for name in names:
            self.tmux("send-keys", name)
            if name == "Escape":
                # The one thing that only time can tell: an Esc that another key follows at once is Alt with that key.
                time.sleep(0.06)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def raw(self, data):
        self.tmux("send-keys", "-H", *[f"{byte:02x}" for byte in data])

    def address(self, url):
        self.keys("o")
        self.wait(r"^ address ")
        self.type(url)
        self.keys("Enter")

    def command(self, line):
        self.keys(":")
        self.wait(r"^ :")
        self.type(line)
        self.keys("Enter")

    def click(self, row, column, button=0):
        self.raw(b"\033[<%d;%d;%dM\033[<%d;%d;%dm" % (button, column + 1, row + 1, button, column + 1, row + 1))

    def click_text(self, text, offset=1):
        row, column = self.find(text)
        self.click(row, column + offset)

    def wheel(self, row, column, down=True):
        self.raw(b"\033[<%d;%d;%dM" % (65 if down else 64, column + 1, row + 1))

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    # Processes
    def pid(self):
        shell = self.flag("pane_pid")
        for pid in children(int(shell)):
            if comm(pid) == "bulkhead":
                return pid
        return 0

    def processes(self, role):
        """Pids of the living children of that role, oldest first."""
        return sorted(pid for pid in children(self.pid()) if comm(pid).startswith("bulkhead-" + role[:6]))

    def ended(self):
        path = os.path.join(self.folder, "status")
        self.until("that the browser ends", lambda: os.path.exists(path) and open(path).read().strip())
        self.wait("back in the shell")
        return open(path).read().strip()

    def stderr(self):
        return open(os.path.join(self.folder, "stderr")).read()

    def messages(self, name):
        """Those of that name in the log, as far as it is written."""
        found = []
        with open(self.log, encoding="utf-8") as log:
            for line in log:
                if line.endswith("\n") and f'"name":"{name}"' in line:
                    found.append(json.loads(line))
        return found

    def check_given_back(self, second_screen=True):
        """The terminal is as it was: modes, alternate screen, cursor, mouse, what stood there."""
        before = open(os.path.join(self.folder, "before")).read()
        self.until("stty afterwards", lambda: os.path.exists(os.path.join(self.folder, "after")))
        self.wait("back in the shell")
        after = open(os.path.join(self.folder, "after")).read()
        expect(before == after, f"the terminal's modes differ:\n{before}\n{after}")
        for flag, wanted in (("alternate_on", "0"), ("cursor_flag", "1"), ("mouse_any_flag", "0"),
                             ("mouse_sgr_flag", "0"), ("keypad_flag", "0"), ("keypad_cursor_flag", "0")):
            expect(self.flag(flag) == wanted, f"{flag} is {self.flag(flag)}, not {wanted}")
        expect(not second_screen or "the shell was here" in self.screen(),
               "what stood on the screen before is gone")

    def close(self):
        pid = self.pid() if self.alive() else 0
        self.tmux("kill-server", check=False)
        if pid:
            try:
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def alive(self):
        return bool(self.tmux("list-sessions", check=False))


def comm(pid):
    try:
        return open(f"/proc/{pid}/comm").read().strip()
    except OSError:
        return ""


def state(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def children(pid):
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(name))
    return found


def expect(truth, words):
    if not truth:
        raise Failure(words)


class Terminals:
    """What a test gets: it makes the sessions, and they end with it."""

    def __init__(self, browser):
        self.browser = browser
        self.made = []

    def __call__(self, *args, **options):
        session = Session(self.browser, args=args, **options)
        self.made.append(session)
        return session

    def show(self):
        for session in self.made:
            if session.alive():
                print("  +" + "-" * 78)
                for row in session.screen().rstrip("\n").split("\n"):
                    print("  |" + row)
            try:
                words = session.stderr().strip()
                if words:
                    print("  stderr: " + words)
            except OSError:
                pass

    def close(self):
        for session in self.made:
            session.close()


def run_one(test, browser):
    terminals = Terminals(browser)
    began = time.monotonic()
    failure = None
    try:
        test(terminals)
    except Exception as error:  # pylint: disable=broad-except
        failure = error
    took = time.monotonic() - began
    with counter_lock:
        if failure is None:
            print(f"ok    {took:5.1f} s  {test.__name__}", flush=True)
        else:
            print(f"FAIL  {took:5.1f} s  {test.__name__}: {failure}")
            if not isinstance(failure, Failure):
                traceback.print_exception(failure)
    if failure is not None:
        terminals.show()
        sys.stdout.flush()
    terminals.close()
    return failure is None


def run(module):
    """python3 FILE BROWSER [TEST]...: all functions test_*, or those named."""
    browser = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    tests = [value for name, value in module.items() if name.startswith("test_") and (not wanted or name in wanted)]
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(lambda test: run_one(test, browser), tests))
    print(f"{sum(results)} of {len(results)} passed")
    sys.exit(0 if all(results) and results else 1)

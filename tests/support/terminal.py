"""A real terminal, by tmux: keys go in, the screen comes out."""

import shlex
import subprocess

from server import clean_environment, wait_until


class Terminal:
    """A program on a terminal of its own. What it printed stays to be read when it has ended."""

    def __init__(self, folder, *command, rows=24, columns=100, cwd=None, env=None):
        self.socket = folder / "tmux"
        full = clean_environment(**{"LC_ALL": "C.UTF-8", **(env or {})})
        full.pop("TMUX", None)
        self.env = full
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(cwd or folder),
                  "exec " + shlex.join(str(word) for word in command), ";", "set-option", "-g", "remain-on-exit", "on",
                  ";", "set-option", "-g", "status", "off")

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-u", "-S", str(self.socket), *words], env=self.env, capture_output=True,
                              text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def fact(self, name):
        """What tmux knows of the terminal: alternate_on, cursor_flag, pane_dead, pane_dead_status, pane_pid, ..."""
        return self.tmux("display-message", "-p", "#{" + name + "}").strip()

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait_for(self, text, what=None):
        """The screen with the text on it."""
        shown = ""

        def is_there():
            nonlocal shown
            shown = self.screen()
            return text in shown

        try:
            wait_until(is_there, what=what or repr(text))
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen:\n{shown}") from None
        return shown

    def wait_until(self, condition, what):
        """The screen for which the condition is true."""
        wait_until(lambda: condition(self.screen()), what=what)
        return self.screen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

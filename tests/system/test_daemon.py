"""posternd as an administrator and a service manager know it."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

import box
from box import Box, DOMAIN


def posternd(*arguments):
    """Runs a daemon that is expected to end by itself."""
    return subprocess.run(box.program("posternd", *arguments), capture_output=True, text=True, timeout=120)


class Start(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(tempfile.mkdtemp(prefix="postern-", dir="/dev/shm"))
        self.addCleanup(shutil.rmtree, self.scratch)

    def test_wrong_options_are_told_apart_from_failures(self):
        for arguments in (["--frob"], ["--port-base", "70000"], ["--domain", "not a domain"], ["--set", "x"],
                          ["--set", "smtp.hop_limit=none"], ["--set", "dns.private_domains=a..example"], ["stray"], ["--port-base", "x"]):
            done = posternd("--data", self.scratch, *arguments)
            self.assertEqual((arguments, done.returncode), (arguments, 2))
            self.assertIn("posternd --help", done.stderr)

    def test_help_explains_options_and_settings(self):
        self.assertIn("--port-base", posternd("--help").stdout)
        self.assertIn("smtp.message_size_limit", posternd("--help-settings").stdout)


class Life(unittest.TestCase):
    def test_one_daemon_a_store(self):
        with Box() as running:
            done = posternd("--data", running.directory, "--domain", DOMAIN)
            self.assertEqual(done.returncode, 1)
            self.assertIn("another process", done.stderr)
            self.assertEqual(running.json("status")["accounts"], 2)

    def test_the_domain_is_kept_and_must_agree(self):
        with Box() as running:
            running.stop()
            done = posternd("--data", running.directory, "--domain", "other.lan")
            self.assertEqual(done.returncode, 1)
            self.assertIn(DOMAIN, done.stderr)
            running.start()

    def test_a_port_that_is_taken_is_named(self):
        with Box() as running, tempfile.TemporaryDirectory(dir="/dev/shm") as other:
            done = posternd("--data", other, "--listen", "127.0.0.1", "--port-base", running.base, "--domain", DOMAIN)
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(running.port("smtp")), done.stderr)

    def test_a_signal_at_any_moment_is_an_orderly_stop(self):
        for _ in range(10):
            running = Box(accounts=())
            try:
                running.start()
                running.process.send_signal(signal.SIGTERM)
                self.assertEqual(running.process.wait(), 0)
            finally:
                running.kill()
                shutil.rmtree(running.scratch)

    def test_sessions_hear_goodbye(self):
        with Box(accounts=()) as running:
            clients = [socket.create_connection(("127.0.0.1", running.port(service))) for service in ("smtp", "imap")]
            replies = [client.makefile("rb") for client in clients]
            for reply in replies:
                reply.readline()
            running.process.send_signal(signal.SIGTERM)
            self.assertTrue(replies[0].readline().startswith(b"421 "))
            self.assertTrue(replies[1].readline().startswith(b"* BYE "))
            for reply, client in zip(replies, clients):
                reply.close()
                client.close()
            self.assertEqual(running.process.wait(), 0)

    def test_lets_go_of_what_only_the_start_needed(self):
        def code_in_memory():
            mappings = Path(f"/proc/{running.process.pid}/smaps").read_text()
            return sum(map(int, re.findall(r" r-xp .*/postern\n(?:.*\n)*?Rss: +(\d+) kB", mappings)))

        with Box(accounts=()) as running:
            after_start = code_in_memory()
            box.wait_until("its code to leave memory", lambda: code_in_memory() < after_start * 0.8)
            running.command("status")

    def test_settings_outlive_the_daemon(self):
        with Box() as running:
            running.command("settings", "set", "smtp.hop_limit", "77")
            running.restart()
            self.assertEqual(running.command("settings", "get", "smtp.hop_limit"), "77\n")
            running.command("settings", "reset", "smtp.hop_limit")
            self.assertNotEqual(running.command("settings", "get", "smtp.hop_limit"), "77\n")

    def test_nobody_else_may_look_into_the_data(self):
        with Box() as running:
            self.assertEqual(stat.S_IMODE((running.directory / "control.sock").stat().st_mode), 0o660)
            announced = {running.directory / "mdns", running.directory / "mdns/postern.service"}  # to the whole network
            self.assertEqual({stat.S_IMODE(path.stat().st_mode) for path in announced}, {0o755, 0o644})
            for path in running.directory.rglob("*"):
                if path.name != "control.sock" and path not in announced:
                    self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    def test_no_password_reaches_the_log(self):
        with Box() as running:
            running.run("account", "password", "alice", "--password-stdin", input="a new Passw0rd")
            log = running.read_log()
            for password in (*box.PASSWORDS.values(), "a new Passw0rd"):
                self.assertNotIn(password, log)


class ServiceManager(unittest.TestCase):
    def test_is_told_of_the_start_and_the_end_and_passes_sockets(self):
        scratch = Path(tempfile.mkdtemp(prefix="postern-", dir="/dev/shm"))
        self.addCleanup(shutil.rmtree, scratch)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, socket.socket() as passed:
            manager.bind(str(scratch / "notify"))
            manager.settimeout(60)
            passed.bind(("127.0.0.1", 0))
            passed.listen()
            # sd_listen_fds(3): from descriptor 3 on, for the process whose id LISTEN_PID is.
            start = 'export LISTEN_PID=$$; exec "$@" 3<&%d' % passed.fileno()
            base, ports_taken = box.take_port_base()
            self.addCleanup(ports_taken.close)
            daemon = subprocess.Popen(
                ["bash", "-c", start, "bash", *box.program("posternd", "--data", scratch / "data", "--listen", "127.0.0.1",
                                                           "--port-base", base, "--domain", DOMAIN)],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=[passed.fileno()],
                env={**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "imap", "NOTIFY_SOCKET": str(scratch / "notify")})
            try:
                self.assertEqual(daemon.stdout.readline(), b"ready\n")
                self.assertEqual(manager.recv(100), b"READY=1")
                with socket.create_connection(passed.getsockname()) as client:
                    self.assertTrue(client.recv(100).startswith(b"* OK "))
                daemon.send_signal(signal.SIGTERM)
                self.assertEqual(manager.recv(100), b"STOPPING=1")
                self.assertEqual(daemon.wait(), 0)
            finally:
                daemon.kill()
                daemon.wait()
                daemon.stdout.close()


if __name__ == "__main__":
    unittest.main()

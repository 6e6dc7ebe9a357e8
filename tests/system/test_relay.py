"""Mail for outside: it waits while the relay is away, leaves when it is there, and comes back with a reason if it cannot."""

import random
import re
import signal
import time
import unittest
from collections import Counter
from datetime import datetime, timedelta

from box import DOMAIN, PASSWORDS, Box, wait_until
from outgoing import Outgoing, compose


class Relay(Outgoing):
    def test_what_is_submitted_leaves_as_it_was_written(self):
        self.submit(1)
        self.wait_for(1)
        message = self.upstream.received[0]
        self.assertIn(f"FROM:<alice@{DOMAIN}>", message.mail)
        self.assertTrue(message.content.startswith(b"Received: "))  # and no Return-Path
        self.assertTrue(message.content.endswith(compose(1)))
        self.wait_until_empty()
        link = self.box.json("link", "show")
        self.assertEqual(link["relays"][0]["link"], "usable")

    def test_mail_waits_for_the_link_and_local_mail_does_not(self):
        self.upstream.close()
        smtp = self.submission()
        for number in range(20):
            self.submit(number, smtp=smtp)
        self.submit("local", [f"bob@{DOMAIN}"], smtp=smtp)
        self.assertEqual(len(self.inbox("bob")), 1)
        wait_until("the link to be down", lambda: self.box.json("link", "show")["relays"][0]["link"] == "down")
        self.assertEqual(len(self.box.json("queue", "list")), 20)
        self.assertIn("refused", self.box.json("link", "show")["relays"][0]["trouble"])
        self.box.restart()
        self.assertEqual(len(self.box.json("queue", "list")), 20)
        self.upstream.reopen()
        self.retry()
        self.wait_for(20)
        self.wait_until_empty()
        self.assertEqual([one.message_id for one in self.upstream.received], [f"<{n}@test>" for n in range(20)])
        self.assertEqual(self.inbox(), [])

    def test_the_link_is_found_again_without_help(self):
        self.upstream.close()
        self.submit(1)
        wait_until("the link to be down", lambda: self.box.json("link", "show")["relays"][0]["link"] == "down")
        self.upstream.reopen()
        self.wait_for(1)

    def test_a_refusal_comes_back_with_its_reason(self):
        self.upstream.answers["RCPT TO:<nobody"] = "550 5.1.1 <nobody@example.org>: no such user here"
        self.submit(1, ["nobody@example.org", "carol@example.org"])
        wait_until("a notice", lambda: self.inbox())
        notice = self.inbox()[0]
        self.assertEqual(notice.get_content_type(), "multipart/report")
        self.assertEqual(notice["Auto-Submitted"], "auto-replied")
        people, status, returned = notice.iter_parts()
        self.assertIn("no such user here", people.get_content())
        self.assertIn("nobody@example.org", people.get_content())
        fields = list(status.iter_parts())[1] if status.is_multipart() else status
        self.assertIn("5.1.1", str(fields))
        self.assertIn("Number 1", str(returned))
        self.assertEqual(len(self.upstream.received), 1)
        self.wait_until_empty()

    def test_a_refusal_for_now_is_tried_again(self):
        self.upstream.answers["CONTENT"] = "451 4.7.1 Greylisted, try again in 10 seconds"
        self.submit(1)
        wait_until("a refusal", lambda: self.box.json("queue", "list")[0]["attempts"] == 1)
        self.assertIn("Greylisted", self.box.json("queue", "list")[0]["last_reply"])
        self.upstream.answers.clear()
        self.wait_for(1)
        self.wait_until_empty()

    def test_cut_at_any_octet_and_any_reply_nothing_is_lost(self):
        """A message may come twice only where its end was received and the reply to it was not."""
        for chunking in (True, False):
            self.upstream.offers = ["PIPELINING", "CHUNKING"] if chunking else ["PIPELINING"]
            for kind, points in (("cut_after", (10, 60, 110, 300, 700, 900)), ("cut_after_replies", range(0, 8))):
                for point in points:
                    with self.subTest(chunking=chunking, kind=kind, point=point):
                        name = f"{kind}-{point}-{chunking}"
                        self.name_relay()
                        wait_until("no connection", lambda: not self.upstream.open)
                        before = self.upstream.connections
                        setattr(self.upstream, kind, point)
                        self.submit(name, size=400)
                        wait_until("a connection", lambda: self.upstream.connections > before)
                        setattr(self.upstream, kind, None)
                        wait_until("it to arrive", lambda: self.retry() or f"<{name}@test>" in self.upstream.ids())
                        self.wait_until_empty()
        self.assertEqual(self.inbox(), [])

    def test_killed_at_any_moment_nothing_is_lost(self):
        chance = random.Random(5)
        sent = 0
        for _ in range(6):
            smtp = self.submission()
            for _ in range(30):
                self.submit(sent, smtp=smtp)
                sent += 1
            time.sleep(chance.random() * 0.05)
            self.box.process.send_signal(signal.SIGKILL)
            self.box.process.wait()
            self.box.process.stdout.close()
            self.box.start()
        wait_until("all to arrive", lambda: len(set(self.upstream.ids())) == sent)
        self.wait_until_empty()
        twice = sum(count - 1 for count in Counter(self.upstream.ids()).values())
        told = self.box.read_log().count("message_in_doubt")
        self.assertLessEqual(twice, told)  # each was announced

    def test_what_was_recalled_is_not_sent(self):
        self.upstream.close()
        self.submit("recalled")
        self.submit("sent")
        wait_until("the link to be down", lambda: self.box.json("link", "show")["relays"][0]["link"] == "down")
        items = self.box.json("queue", "list")
        self.box.command("queue", "remove", str(items[0]["id"]))
        self.upstream.reopen()
        self.retry()
        self.wait_for(1)
        self.wait_until_empty()
        self.assertEqual(self.upstream.ids(), ["<sent@test>"])

    def test_held_by_hand_and_released(self):
        self.box.command("link", "hold")
        self.submit(1)
        self.submit(2)
        first, second = self.box.json("queue", "list")
        self.box.command("queue", "hold", str(first["id"]))
        self.assertEqual(self.upstream.connections, 0)
        self.box.command("link", "auto")
        self.wait_for(1)
        wait_until("one item", lambda: len(self.box.json("queue", "list")) == 1)
        self.assertEqual(self.box.json("queue", "list")[0]["state"], "held")
        self.box.command("queue", "release", str(first["id"]))
        self.wait_for(2)
        self.assertEqual(self.upstream.ids(), ["<2@test>", "<1@test>"])

    def test_what_a_budget_does_not_leave_stays_here(self):
        self.box.command("settings", "set", "link.day_budget", "50K")
        self.submit("first", size=30_000)
        self.wait_for(1)
        self.submit("second", size=30_000)
        wait_until("it to wait", lambda: "metered" in self.box.json("queue", "list")[0]["because"])
        link = self.box.json("link", "show")
        self.assertGreater(link["octets_today"], 30_000)
        self.assertEqual(link["left_today"], 50 * 1024 - link["octets_today"])
        self.assertEqual(link["left_this_month"], "unlimited")
        self.box.restart()  # which forgets nothing of it
        self.assertGreaterEqual(self.box.json("link", "show")["octets_today"], link["octets_today"])
        self.box.command("settings", "set", "link.day_budget", "1K")
        self.assertEqual(self.box.json("link", "show")["mode"], "budget used up")
        self.submit("small")
        self.box.command("settings", "reset", "link.day_budget")
        self.wait_for(3)
        self.assertEqual(self.upstream.ids(), ["<first@test>", "<second@test>", "<small@test>"])

    def test_out_of_hours_nothing_leaves(self):
        now = datetime.now()
        later = [(now + timedelta(hours=hours)).strftime("%H:%M") for hours in (2, 3)]
        self.box.command("settings", "set", "link.schedule", "-".join(later))
        self.submit(1)
        self.assertEqual(self.box.json("link", "show")["mode"], "out of hours")
        self.assertGreater(self.box.json("link", "show")["opens_in"], 3600)
        self.assertIn("at this hour", self.box.json("queue", "list")[0]["because"])
        self.assertEqual(self.upstream.connections, 0)
        self.box.command("settings", "reset", "link.schedule")
        self.wait_for(1)

    def test_a_relay_that_refuses_the_login_keeps_the_mail_here(self):
        self.upstream.offers.append("AUTH PLAIN LOGIN")
        self.upstream.answers["AUTH"] = "535 5.7.8 Username and password not accepted"
        self.box.command("relay", "login", "provider", "office", "--password-stdin", input="wrong")
        self.submit(1)
        wait_until("trouble", lambda: "not accepted" in self.box.json("link", "show")["relays"][0]["trouble"])
        self.assertEqual(len(self.box.json("queue", "list")), 1)
        self.assertNotIn("wrong", self.box.read_log())
        tested = self.box.run("relay", "test", "provider")
        self.assertEqual(tested.returncode, 1)
        self.assertIn("535 5.7.8 Username and password not accepted", tested.stderr)
        self.upstream.answers.clear()
        self.box.command("relay", "login", "provider", "office", "--password-stdin", input="right")
        self.wait_for(1)
        self.assertEqual(self.inbox(), [])


class SisterBox(unittest.TestCase):
    """Another office's Postern as the relay: its own STARTTLS, its certificate, SCRAM."""

    def test_mail_goes_from_box_to_box(self):
        with Box() as sister, Box(settings={"login.allow_plaintext": "yes"}) as box:
            box.command("relay", "add", "sister", "127.0.0.1", "--port", str(sister.port("submission")))
            refused = box.run("relay", "test", "sister")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("certificate", refused.stderr.lower())
            box.command("relay", "add", "sister", "127.0.0.1", "--port", str(sister.port("submission")), "--authority", sister.ca)
            box.command("relay", "login", "sister", "alice", "--password-stdin", input=PASSWORDS["alice"])
            self.assertIn("TLSv1.3", box.command("relay", "test", "sister"))
            self.assertIn("logged in as alice", box.command("relay", "test", "sister"))

    def test_a_box_can_be_known_by_its_key(self):
        with Box() as sister, Box(settings={"login.allow_plaintext": "yes"}) as box:
            add = "relay", "add", "sister", "127.0.0.1", "--port", str(sister.port("submission"))
            box.command(*add)
            key = re.search(r"sha256:[\w+/]{43}=", box.run("relay", "test", "sister").stderr)[0]
            box.command(*add, "--key", key)
            box.command("relay", "login", "sister", "alice", "--password-stdin", input=PASSWORDS["alice"])
            self.assertIn("logged in as alice", box.command("relay", "test", "sister"))
            box.command(*add, "--key", "sha256:" + "A" * 43 + "=")
            refused = box.run("relay", "test", "sister")
            self.assertEqual(refused.returncode, 1)
            self.assertIn(key, refused.stderr)
            self.assertEqual(box.run(*add, "--key", "sha256:short").returncode, 1)


if __name__ == "__main__":
    unittest.main()

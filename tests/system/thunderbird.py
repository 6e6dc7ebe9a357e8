"""Thunderbird on somebody's machine, of which nobody sees the screen, with a profile that is new."""

import os
import socket
import subprocess

from box import wait_until
from lan import LONGEST
from marionette import Marionette, png_of_screen

# Whatever else it asks of the internet of its own accord, it asks, as it would in an office.
PREFERENCES = {
    "remote.prefs.recommended": False,  # by which being driven from outside would switch that off
    "mail.shell.checkDefaultClient": False,  # a dialog, which is about the desktop
}
WINDOW = "chrome://messenger/content/messenger.xhtml"
HUB = "document.querySelector('account-hub-container')?.shadowRoot"
STEP = "account-hub-email > {}:not([hidden])"


class Thunderbird:
    """Use as a context manager. `pictures`: where what the screen shows is kept. `preferences`: beside PREFERENCES."""

    def __init__(self, machine, scratch, pictures, preferences=None):
        self.machine = machine
        self.scratch = scratch
        self.pictures = pictures
        self.preferences = PREFERENCES | (preferences or {})

    def __enter__(self):
        home, profile, self.screen = (self.scratch / name for name in ("home", "profile", "screen"))
        for place in (home, profile, self.screen, self.pictures):
            place.mkdir(parents=True, exist_ok=True)
        (profile / "user.js").write_text("".join(f'user_pref("{name}", {str(value).lower()});\n' for name, value in self.preferences.items()))
        ready, when_ready = os.pipe()
        self.log = open(self.scratch / "log", "wb")
        self.server = self.machine.start("Xvfb", "-displayfd", when_ready, "-screen", "0", "1280x1024x24", "-fbdir", self.screen,
                                         "-nolisten", "tcp", "-noreset", pass_fds=[when_ready], stdout=self.log, stderr=self.log)
        os.close(when_ready)
        with os.fdopen(ready) as told:
            display = told.readline().strip()
        self.process = self.machine.start("thunderbird", "--profile", profile, "--marionette", "-remote-allow-system-access",
                                          env={**os.environ, "HOME": str(home), "DISPLAY": f":{display}"}, stdout=self.log, stderr=self.log)
        self.hand = Marionette(wait_until("Thunderbird", self.connect, seconds=120))
        return self

    def connect(self):
        try:
            return self.machine.do(socket.create_connection, ("127.0.0.1", 2828), 120)
        except ConnectionRefusedError:
            return None

    def __exit__(self, kind, *_):
        if kind is not None:
            self.copy_screen("failed")
            print((self.scratch / "log").read_text(errors="replace")[-4000:])
        self.process.kill()
        self.process.wait()
        self.server.terminate()  # which takes its socket along
        self.server.wait()
        self.log.close()

    def keep_picture(self, name):
        """Once what is there is drawn."""
        self.hand.run("return new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))")
        self.copy_screen(name)

    def copy_screen(self, name):
        (self.pictures / f"{name}.png").write_bytes(png_of_screen((self.screen / "Xvfb_screen0").read_bytes()))

    # What a person does.

    def trust(self, certificate):
        """What the set-up page tells to do, from where the file was chosen: no program chooses one there."""
        self.hand.run("""
            const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
            file.initWithPath(arguments[0]);
            const known = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
            setTimeout(() => known.importCertsFromFile(file, Ci.nsIX509Cert.CA_CERT));""", str(certificate))
        self.hand.go_to("chrome://pippki/content/downloadcert.xhtml")
        self.hand.click("#trustSSL")
        self.keep_picture("trust")
        self.hand.run("setTimeout(() => document.querySelector('dialog').getButton('accept').click())")
        self.hand.go_to(WINDOW)

    def wait_for_step(self, step, seconds=120):
        self.hand.wait(step, f"return !!{HUB}?.querySelector(arguments[0])", STEP.format(step), seconds=seconds)

    def go_on(self):
        self.hand.click("account-hub-email account-hub-footer #forward:not([disabled])", within=HUB)

    def find_settings(self, name, address):
        """By what the first step of a new account asks for; what was found is shown then."""
        self.wait_for_step("email-auto-form")
        self.hand.clear("#realName", within=HUB)
        self.hand.type("#realName", name, within=HUB)
        self.hand.type("#email", address, within=HUB)
        self.keep_picture("address")
        self.go_on()
        self.wait_for_step("email-config-found", LONGEST)
        self.keep_picture("settings")

    def settings(self):
        """As they are shown, and where they are from."""
        return self.hand.run(f"""
            const step = {HUB}.querySelector("email-config-found");
            const told = step.shadowRoot.querySelector("account-hub-header").shadowRoot;
            return {{
                source: told.querySelector('[data-l10n-id^="account-hub-config-success-description-"]').dataset.l10nId.split("-").at(-1),
                ...Object.fromEntries([...arguments].map(id => [id, step.querySelector("#" + id).textContent])),
            }};""", "incomingType", "incomingHost", "incomingPort", "outgoingHost", "outgoingPort", "sharedUsername")

    def log_in(self, password):
        self.go_on()
        self.wait_for_step("email-password-form")
        self.hand.type("email-password-form #password", password, within=HUB)
        self.go_on()

    def refuse_certificate(self):
        """When Thunderbird asks whether to take it all the same. Gives the server whose it is."""
        self.hand.go_to("chrome://pippki/content/exceptionDialog.xhtml")
        self.hand.element("#status2LongDescription:not(:empty), #statusLongDescription:not(:empty)")
        self.keep_picture("asks")
        server = self.hand.run("return document.getElementById('locationTextBox').value")
        self.hand.run("setTimeout(() => document.querySelector('dialog').getButton('cancel').click())")
        self.hand.go_to(WINDOW)
        self.hand.wait("the end of it", f"return !{HUB}.querySelector('account-hub-email').classList.contains('busy')")
        self.keep_picture("refused")
        return server

    def finish(self):
        self.wait_for_step("email-added-success", LONGEST)
        self.keep_picture("account")
        self.go_on()
        self.hand.wait("the hub to close", f"return !{HUB}.querySelector('dialog').open")

    def accounts(self):
        return self.hand.run("""
            const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
            return MailServices.accounts.accounts.map(account => account.defaultIdentity?.email).filter(address => address);""")

    def read(self, subject):
        """Gives the text of a message in the INBOX, as it is shown, once it is there."""
        self.hand.run("""
            const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
            const account = MailServices.accounts.accounts.find(each => each.incomingServer.type === "imap");
            mail = document.getElementById("tabmail").tabInfo[0].chromeBrowser.contentWindow;
            mail.displayFolder(account.incomingServer.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox));""")
        self.hand.wait(subject, """
            const view = mail.gDBView;
            for (let row = 0; row < (view?.rowCount ?? 0); ++row)
                if (view.getMsgHdrAt(row).mime2DecodedSubject === arguments[0]) {
                    mail.threadTree.selectedIndex = row;
                    return true;
                }""", subject)
        text = self.hand.wait("its text", """
            const shown = mail.messageBrowser.contentWindow;
            return shown.gMessage?.mime2DecodedSubject === arguments[0] && shown.msgLoaded &&
                shown.getMessagePaneBrowser().contentDocument.querySelector(".moz-text-plain")?.textContent;""", subject)
        self.keep_picture("read")
        return text

    def write(self, to, subject, text):
        self.hand.run("goDoCommand('cmd_newMessage')")
        self.hand.go_to("chrome://messenger/content/messengercompose/messengercompose.xhtml")
        self.hand.wait("the editor", "return window.composeEditorReady")
        self.hand.type("#toAddrInput", to)
        self.hand.type("#msgSubject", subject)
        self.hand.element("mail-address-pill")
        self.hand.type("#messageEditor", text)
        self.keep_picture("written")
        self.hand.click("#button-send:not([disabled])")
        self.hand.go_to(WINDOW)
        self.hand.wait("it to be sent", "return !Services.wm.getMostRecentWindow('msgcompose')")
        self.keep_picture("sent")

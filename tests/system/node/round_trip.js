// Sends with nodemailer and reads with imapflow. Arguments: one JSON object with ports, ca, password and the message's
// file. Prints what came back as JSON; the test compares.
const { readFileSync } = require("node:fs");
const { ImapFlow } = require("imapflow");
const nodemailer = require("nodemailer");

const given = JSON.parse(process.argv[2]);
const tls = { ca: readFileSync(given.ca) };

async function main() {
    const transport = nodemailer.createTransport({
        host: "localhost", port: given.submission, secure: false, requireTLS: true, tls,
        auth: { user: "bob", pass: given.passwords.bob },
    });
    await transport.verify();
    const sent = await transport.sendMail({
        from: "Bob <bob@office.lan>", to: "alice@office.lan, Carol <carol@example.com>", subject: "Grüße von nodemailer",
        text: "Zeile eins\n.\nZeile drei\n", html: "<p>Zeile <b>eins</b></p>",
        attachments: [{ filename: "Übersicht.bin", content: readFileSync(given.attachment) }],
        dsn: { id: "envelope-7", return: "headers", notify: ["failure", "delay"], recipient: "bob@office.lan" },
    });
    transport.close();

    const client = new ImapFlow({
        host: "localhost", port: given.imaps, secure: true, tls, logger: false,
        auth: { user: "alice", pass: given.passwords.alice },
    });
    await client.connect();
    const lock = await client.getMailboxLock("INBOX");
    const message = await client.fetchOne("*", { envelope: true, bodyStructure: true, flags: true, uid: true, source: true });
    const { content } = await client.download("*", "2");
    const chunks = [];
    for await (const chunk of content) chunks.push(chunk);
    await client.messageFlagsAdd("*", ["\\Flagged", "$Work"]);
    const found = await client.search({ subject: "grüße", flagged: true });
    const moved = await client.messageMove("1:*", "Archive");
    lock.release();
    const status = await client.status("Archive", { messages: true, unseen: true, uidNext: true });
    const mailboxes = (await client.list()).map((mailbox) => [mailbox.path, mailbox.specialUse ?? ""]);
    await client.logout();
    console.log(JSON.stringify({
        response: sent.response, subject: message.envelope.subject, to: message.envelope.to.map((to) => to.address),
        type: message.bodyStructure.type, attachment: Buffer.concat(chunks).toString("base64"), found: found.length,
        moved: moved.uidMap ? [...moved.uidMap.entries()] : null, status: { messages: status.messages, unseen: status.unseen },
        mailboxes,
    }));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});

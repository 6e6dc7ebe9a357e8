// imapflow, which compresses where it can. Arguments: one JSON object with port, ca and password. Prints whether it did,
// and what came back, as JSON.
const { readFileSync } = require("node:fs");
const { ImapFlow } = require("imapflow");

const given = JSON.parse(process.argv[2]);

async function main() {
    const said = [];
    const client = new ImapFlow({
        host: "localhost", port: given.imaps, secure: true, tls: { ca: readFileSync(given.ca) },
        logger: { debug: (entry) => said.push(JSON.stringify(entry)), info() {}, warn() {}, error() {} },
        auth: { user: "alice", pass: given.password },
    });
    await client.connect();
    const lock = await client.getMailboxLock("INBOX");
    const first = await client.fetchOne("1", { source: true });
    for (let number = 0; number < 50; ++number)
        await client.append("INBOX", `Subject: number ${number}\r\n\r\n${"text ".repeat(number * 100)}\r\n`);
    const found = await client.search({ subject: "number" });
    for await (const message of client.fetch("1:*", { envelope: true, source: true })) message.source.length;
    lock.release();
    await client.logout();
    console.log(JSON.stringify({
        compressed: said.some((entry) => entry.includes("COMPRESS DEFLATE")), source: first.source.toString(),
        found: found.length,
    }));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});

// A browser walks through the pages for people, and tells of what is wrong with them. It is given a walk's name, where to
// keep screenshots, and what is true where it walks; it prints a JSON array of faults.
"use strict";
const fs = require("fs");
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const given = JSON.parse(process.argv[2]);
const languages = ["en", "de", "fr", "es", "ru"];
const widths = { phone: { width: 360, height: 780, isMobile: true, hasTouch: true }, desktop: { width: 1280, height: 800 } };
const narrowest = 320; // WCAG 2.2 §1.4.10
const somebody = "alice@office.lan";

// What there is to see. `has`, `lacks`: selectors; `when`: only then.
const pages = [
  { name: "set-up", path: "/", has: "h1, form, #thunderbird", lacks: "[role=alert]" },
  { name: "set-up-of-somebody", path: `/?address=${somebody}`, has: `[href$="?address=${somebody}"]`, lacks: "[role=alert]" },
  { name: "set-up-of-a-stranger", path: "/?address=somebody@elsewhere.example", has: "[role=alert]", lacks: '[href*="address=somebody"]' },
  { name: "set-up-with-two-authorities", path: "/", when: "the authority changes", has: '[href="/setup/office.crt"], [href="/setup/next.crt"]',
    lacks: "[role=alert]" },
];

// Which steps are open for whom.
const systems = {
  apple: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  android: "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36",
  windows: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36",
  linux: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};

const faults = [];
let where = "";
const expect = (good, fault) => good || faults.push(`${where}: ${fault}`);

function address_of(path, language) {
  const url = new URL(path, "http://setup.office.lan/");
  url.searchParams.set("lang", language);
  return url.href;
}

// Tells of whatever a page asks for elsewhere, and of every complaint of the browser's.
// Paths with which a refusal is to be expected may be given.
async function watch(page, refused = []) {
  page.on("request", request => {
    const url = new URL(request.url());
    expect(url.hostname === "office.lan" || url.hostname.endsWith(".office.lan"), `asks for ${url.href}`);
  });
  page.on("pageerror", error => expect(false, `a script says ${error.message}`));
  const session = await page.createCDPSession();
  await session.send("Log.enable");
  session.on("Log.entryAdded", ({ entry }) => {
    // Who does not trust the box is refused the picture that says so; the browser says it, too.
    const untrusted = !given.trusts && entry.url?.includes("/setup/trusted.svg") && entry.text.includes("ERR_CERT_AUTHORITY_INVALID");
    const refusal = refused.some(path => entry.url?.includes(path)) && / (403|422) /.test(entry.text);
    expect(untrusted || refusal, `the browser says ${entry.text} ${entry.url ?? ""}`);
  });
  page.on("console", message => expect(message.type() !== "error" || /(ERR_CERT_AUTHORITY_INVALID|status of \d+ .*)/.test(message.text()),
    `the console says ${message.text()}`)); // what the browser says as well
}

// A phone's browser shows a page that is too wide as a whole, and small.
async function scrolls_sideways(page) {
  const { width } = page.viewport();
  return page.evaluate(width => Math.max(document.documentElement.scrollWidth, innerWidth) > width, width);
}

// WCAG 2.2, levels A and AA, as far as a program can tell, in both colour schemes.
async function check_access(page) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    const { violations } = await page.evaluate(async () => axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules: { "target-size": { enabled: true } },
      resultTypes: ["violations"],
    }));
    for (const rule of violations)
      for (const node of rule.nodes) expect(false, `${scheme}: ${rule.id}: ${rule.help}: ${node.html}: ${node.failureSummary}`);
  }
  await page.emulateMediaFeatures([]);
}

// The picture that only those see who trust the box; what is there instead, others.
async function seen_of_trust(page) {
  const instead = await page.$eval("object", object => {
    const text = document.createRange();
    text.selectNodeContents(object);
    return text.getBoundingClientRect().width > 0;
  });
  const picture = page.frames().find(frame => frame.url().includes("/setup/trusted.svg"));
  if (!picture) return { instead };
  // Where they differ, the picture is put on a white ground.
  const scheme = "getComputedStyle(document.documentElement).colorScheme";
  expect(await page.evaluate(scheme) === await picture.evaluate(scheme), "the picture has other colours than the page");
  return { instead, word: await picture.evaluate(() => document.querySelector("svg > title")?.textContent) };
}

async function keep(page, name) {
  await page.screenshot({ path: `${given.screenshots}/${name}.png`, fullPage: true });
}

// At its width, and at the narrowest.
async function look(page, name, viewport) {
  await page.$$eval("details", all => all.forEach(each => { each.open = true; }));
  await page.evaluate(axe);
  await check_access(page);
  await keep(page, name);
  expect(!await scrolls_sideways(page), "scrolls sideways");
  await page.setViewport({ ...viewport, width: narrowest });
  expect(!await scrolls_sideways(page), `scrolls sideways at ${narrowest} pixels`);
  await page.setViewport(viewport);
}

// What is done on a page that leads to another one.
async function follow(page, act) {
  await Promise.all([page.waitForNavigation(), act()]);
}

const walks = {
  async every_page(browser) {
    for (const [device, viewport] of Object.entries(widths)) {
      const page = await browser.newPage();
      await watch(page);
      for (const { name, path, has, lacks } of pages.filter(row => row.when === given.when))
        for (const language of languages) {
          where = `${name}, ${device}, ${language}`;
          await page.setViewport(viewport);
          const answer = await page.goto(address_of(path, language));
          expect(answer.status() === 200, `status ${answer.status()}`);
          for (const selector of has.split(", ")) expect(await page.$(selector), `has no ${selector}`);
          expect(!await page.$(lacks), `has ${lacks}`);
          expect(await page.$eval("html", html => html.lang) === language, "is in another language");
          await look(page, `${name}-${device}-${language}`, viewport);
        }
      await page.close();
    }
  },

  async trust(browser) {
    const page = await browser.newPage();
    await watch(page);
    const words = new Set();
    for (const scheme of ["http", "https"].slice(0, given.trusts ? 2 : 1))
      for (const language of languages) {
        where = `trust, ${scheme}, ${language}`;
        await page.goto(address_of("/", language).replace("http", scheme));
        const { instead, word } = await seen_of_trust(page);
        expect(given.trusts ? word && !instead : instead && !word, `shows ${word || "no picture"}${instead ? " and what is there instead" : ""}`);
        words.add(word);
        await keep(page, `trust-${scheme}-${language}-${given.trusts ? "yes" : "no"}`);
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
        await keep(page, `trust-${scheme}-${language}-${given.trusts ? "yes" : "no"}-dark`);
        await page.emulateMediaFeatures([]);
      }
    expect(words.size === (given.trusts ? languages.length : 1), `says ${[...words]}`);
  },

  async systems(browser) {
    for (const [system, user_agent] of Object.entries(systems)) {
      where = `steps for ${system}`;
      const page = await browser.newPage();
      await watch(page);
      await page.setUserAgent({ userAgent: user_agent });
      await page.goto(address_of("/", "en"));
      const open = await page.$$eval("details[open]", all => all.map(each => each.id));
      expect(open.length === 1 && open[0] === system, `opens ${open}`);
      await keep(page, `steps-${system}`);
      await page.close();
    }
  },

  // Somebody who trusts the box signs in, changes his password and signs out, and needs no scripts for it.
  async account(browser) {
    for (const [device, viewport] of Object.entries(widths))
      for (const language of languages.slice(0, device === "phone" ? languages.length : 1)) {
        where = `account, ${device}, ${language}`;
        const page = await browser.newPage();
        await watch(page, ["/account/"]);
        await page.setViewport(viewport);
        const name = step => `account-${step}-${device}-${language}`;
        const submit = form => follow(page, () => page.click(`form[action*="/account/${form}"] button`));
        await page.goto(address_of(`/?address=${somebody}`, language));
        await follow(page, () => page.click('a[href*="/account"]'));
        expect(page.url().startsWith("https://mail.office.lan/account"), `leads to ${page.url()}`);
        expect(await page.$eval("#address", field => field.value) === somebody, "the address is forgotten");
        await look(page, name("sign-in"), viewport);
        await page.type("#password", "wrong");
        await submit("log-in");
        expect(await page.$("[role=alert]"), "a wrong password is not told of");
        await look(page, name("refused"), viewport);
        await page.type("#password", given.password);
        await submit("log-in");
        await look(page, name("signed-in"), viewport);
        for (const [field, value] of [["current", given.password], ["new", `${given.password} and`], ["again", `${given.password}`]])
          await page.type(`#${field}`, value);
        await submit("password");
        expect(await page.$("[role=alert]"), "two that differ are not told of");
        for (const [field, value] of [["current", given.password], ["new", `${given.password}!`], ["again", `${given.password}!`]])
          await page.type(`#${field}`, value);
        await page.setJavaScriptEnabled(false);
        await submit("password");
        await page.setJavaScriptEnabled(true);
        given.password += "!";
        expect(await page.$("[role=status]"), "a change is not told of");
        expect(await page.$eval("html", html => html.lang) === language, "the language is forgotten");
        await look(page, name("changed"), viewport);
        await submit("log-out");
        expect(await page.$("#password"), "signing out leads elsewhere");
        await page.close();
      }
  },

  async without_scripts(browser) {
    where = "without scripts";
    const page = await browser.newPage();
    await watch(page);
    await page.setJavaScriptEnabled(false);
    await page.setViewport(widths.phone);
    await page.goto("http://setup.office.lan/");
    await follow(page, () => page.click('nav a[lang="de"]'));
    expect(await page.$eval("html", html => html.lang) === "de", "the language cannot be chosen");
    await page.type("#address", "somebody@elsewhere.example");
    await follow(page, () => page.click("form button"));
    expect(await page.$("[role=alert]"), "a wrong address is not told of");
    await page.type("#address", somebody);
    await follow(page, () => page.keyboard.press("Enter"));
    expect(await page.$(`[href$="mobileconfig?address=${somebody}"]`), "an address is not taken over");
    expect(await page.$eval("html", html => html.lang) === "de", "the language is forgotten");
    for (const id of await page.$$eval("details:not([open])", all => all.map(each => each.id))) {
      await page.click(`#${id} summary`);
      expect(await page.$(`#${id}[open]`), `${id} does not open`);
    }
    await keep(page, "without-scripts");
  },
};

async function walk() {
  const browser = await puppeteer.launch({
    executablePath: "/usr/bin/chromium-headless-shell", headless: "shell", pipe: true,
    args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"],
  });
  try {
    await walks[given.walk](browser);
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(faults));
}

walk().catch(error => {
  console.error(where, error);
  process.exit(1);
});

#include "autoconfig/setup_page.h"

#include "autoconfig/markup.h"
#include "autoconfig/words.h"
#include "core/crypto.h"
#include "text/ascii.h"
#include "text/percent.h"

#include <format>
#include <initializer_list>
#include <utility>
#include <vector>

namespace postern::autoconfig {

namespace {

std::string fingerprint(std::string_view certificate) {
    std::string out;
    for (char const c : core::sha256(certificate))
        out += std::format("{}{:02X}", out.empty() ? "" : ":", static_cast<unsigned char>(c));
    return out;
}

// Which steps are open.
std::string_view system_of(std::string_view user_agent) {
    for (std::string_view const apple : {"iPhone", "iPad", "Macintosh"})
        if (user_agent.contains(apple)) return "apple";
    if (user_agent.contains("Android")) return "android";
    if (user_agent.contains("Windows")) return "windows";
    return user_agent.contains("Linux") ? "linux" : "";
}

class Page {
public:
    Page(Office const& office, Reader const& reader, std::string_view authority)
        : office_(office), reader_(reader), words_(words_in(reader.language)), authority_(authority) {}

    std::string write() {
        std::string const title = filled(words_.title);
        out_ = std::format("<!doctype html>\n<html lang=\"{0}\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                           "<title>{1}</title>\n<link rel=\"stylesheet\" href=\"/setup/style.css\">\n</head>\n<body>\n",
                           reader_.language, title);
        put_languages();
        out_ += std::format("<main>\n<h1>{}</h1>\n<p>{}</p>\n", title, escape(words_.introduction));
        put_form();
        if (!authority_.empty()) put_trust();
        put_systems();
        put_settings();
        out_ += "</main>\n</body>\n</html>\n";
        return std::move(out_);
    }

private:
    using Steps = std::vector<std::string>;

    [[nodiscard]] std::string filled(std::string_view words) const {
        std::string const domain = escape(office_.servers.domain);
        return std::vformat(escape(words), std::make_format_args(domain));
    }
    [[nodiscard]] std::string address_parameter() const {
        return reader_.person ? "?address=" + text::percent_encode(reader_.person->address, "@") : "";
    }

    void put_languages() {
        out_ += "<nav><ul>\n";
        for (std::string_view const language : languages) {
            auto link = std::format("/?lang={}", language);
            if (reader_.person) link += "&address=" + text::percent_encode(reader_.person->address, "@");
            out_ +=
                std::format("<li><a href=\"{}\" lang=\"{}\"{}>{}</a></li>\n", escape(link), language,
                            language == reader_.language ? " aria-current=\"true\"" : "", words_in(language).language);
        }
        out_ += "</ul></nav>\n";
    }

    void put_form() {
        out_ += std::format("<form method=\"get\" action=\"/\">\n<label for=\"address\">{}</label>\n"
                            "<input type=\"email\" id=\"address\" name=\"address\" value=\"{}\" autocomplete=\"email\" "
                            "required{}>\n<input type=\"hidden\" name=\"lang\" value=\"{}\">\n<button>{}</button>\n",
                            escape(words_.address), reader_.person ? escape(reader_.person->address) : "",
                            reader_.unknown ? " aria-invalid=\"true\" aria-describedby=\"wrong\"" : "",
                            reader_.language, escape(words_.show));
        if (reader_.unknown)
            out_ += std::format("<p id=\"wrong\" role=\"alert\">{}</p>\n", filled(words_.no_such_address));
        out_ += "</form>\n";
    }

    void put_trust() {
        out_ +=
            std::format("<section>\n<h2>{}</h2>\n"
                        "<p><object type=\"image/svg+xml\" data=\"{}/setup/trusted.svg?lang={}\">{}</object></p>\n"
                        "<p>{}</p>\n<p>{} <code>{}</code></p>\n</section>\n",
                        escape(words_.trust), escape(office_.secure_url), reader_.language, escape(words_.not_trusted),
                        filled(words_.what_trust_means), escape(words_.fingerprint), fingerprint(authority_));
    }

    [[nodiscard]] std::string certificate_step() const {
        return std::format("<a class=\"get\" href=\"/setup/office.crt\" download>{}</a>",
                           escape(words_.download_certificate));
    }
    // Where there is nothing to be trusted, there are no steps for that.
    void put(std::string_view system, std::string_view name, Steps const& trust, Steps const& account) {
        out_ += std::format("<details id=\"{}\"{}>\n<summary>{}</summary>\n<ol>\n", system,
                            system == system_of(reader_.user_agent) ? " open" : "", escape(name));
        if (!authority_.empty())
            for (auto const& step : trust) out_ += std::format("<li>{}</li>\n", step);
        for (auto const& step : account) out_ += std::format("<li>{}</li>\n", step);
        out_ += "</ol>\n</details>\n";
    }

    void put_systems() {
        std::string const password = escape(words_.enter_password);
        Steps const profile{std::format("<a class=\"get\" href=\"/setup/office.mobileconfig{}\">{}</a>",
                                        escape(address_parameter()), escape(words_.download_profile)),
                            escape(words_.apple_install)};
        // Where there is nothing to be trusted, it is for the account alone.
        Steps apple = authority_.empty() && !reader_.person ? Steps() : profile;
        if (!authority_.empty()) apple.push_back(escape(words_.apple_trust));
        apple.push_back(password);
        put("apple", words_.apple, {}, apple);
        std::string const powershell = std::format(
            "Invoke-WebRequest {}/setup/office.crt -OutFile $env:TEMP\\office.crt; Import-Certificate -FilePath "
            "$env:TEMP\\office.crt -CertStoreLocation Cert:\\CurrentUser\\Root",
            office_.page_url);
        put("windows", words_.windows,
            {certificate_step(), escape(words_.windows_install) + " " + escape(words_.or_paste) +
                                     std::format(" <code class=\"line\">{}</code>", escape(powershell))},
            {escape(words_.outlook)});
        put("android", words_.android, {certificate_step(), escape(words_.android_install)},
            {escape(words_.add_account)});
        put("thunderbird", words_.thunderbird, {certificate_step(), escape(words_.thunderbird_install)},
            {escape(words_.thunderbird_account)});
        std::string const shell =
            std::format("curl -s {}/setup/office.pem | sudo tee "
                        "/usr/local/share/ca-certificates/office.crt && sudo update-ca-certificates",
                        office_.page_url);
        put("linux", words_.linux_system,
            {escape(words_.linux_install) + std::format(" <code class=\"line\">{}</code>", escape(shell))},
            {escape(words_.add_account)});
    }

    void put_settings() {
        out_ += std::format(
            "<section>\n<h2>{}</h2>\n<table>\n<thead><tr><td></td><th scope=\"col\">{}</th><th scope=\"col\">"
            "{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
            escape(words_.by_hand), escape(words_.server), escape(words_.port), escape(words_.security));
        for (MailServer const& server : office_.servers.servers) {
            bool const sends = server.protocol == Protocol::submission;
            std::string_view const protocol = sends ? "SMTP" : server.protocol == Protocol::imap ? "IMAP" : "POP3";
            out_ +=
                std::format("<tr><th scope=\"row\">{} ({})</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                            escape(sends ? words_.outgoing : words_.incoming), protocol, escape(office_.servers.host),
                            server.port, server.implicit_tls ? "SSL/TLS" : "STARTTLS");
        }
        out_ +=
            std::format("</tbody>\n</table>\n<p>{}: <strong>{}</strong></p>\n</section>\n", escape(words_.user_name),
                        escape(reader_.person ? std::string_view(reader_.person->address) : words_.whole_address));
    }

    Office const& office_;
    Reader const& reader_;
    Words const& words_;
    std::string_view authority_;
    std::string out_;
};

} // namespace

std::string setup_page(Office const& office, Reader const& reader, std::string_view authority) {
    return Page(office, reader, authority).write();
}

std::string setup_page_policy(Office const& office) {
    return std::format(
        "default-src 'none'; style-src 'self'; object-src {0}; frame-src {0}; form-action 'self'; base-uri "
        "'none'; frame-ancestors 'none'",
        office.secure_url);
}

std::string_view setup_style() {
    return R"(:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --mark: #0b57a4; --line: #767676; --box: #f1f4f8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --paper: #16181b; --mark: #8cc4ff; --line: #8f8f8f; --box: #22262b }
}
* { box-sizing: border-box }
body { margin: 0; font: 1.0625rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main, nav { max-width: 46rem; margin: 0 auto; padding: 0 1rem }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0 0; padding: 0; list-style: none }
nav a { display: inline-block; padding: .25rem 0 }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1rem 0 .5rem }
h2 { font-size: 1.25rem; margin: 1.75rem 0 .5rem }
a { color: var(--mark) }
form { margin: 1rem 0; padding: 1rem; background: var(--box); border-radius: .5rem }
label { display: block; font-weight: 600 }
input, button { font: inherit; min-height: 2.75rem; padding: .375rem .75rem; border: 1px solid var(--line); border-radius: .375rem }
input { width: 100%; max-width: 24rem; margin: .25rem .5rem .5rem 0; color: inherit; background: var(--paper) }
button, .get { color: var(--paper); background: var(--mark); border-color: var(--mark); font-weight: 600 }
.get { display: inline-block; padding: .5rem .875rem; border-radius: .375rem; text-decoration: none }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: .5rem }
summary { padding: .75rem 1rem; font-weight: 600; cursor: pointer }
details ol { margin: 0; padding: 0 1rem 1rem 2.5rem }
li { margin: .375rem 0 }
nav li { margin: 0 }
code { overflow-wrap: anywhere; font-size: .9375rem }
.line { display: block; margin: .5rem 0; padding: .5rem .75rem; background: var(--box); border-radius: .375rem }
table { width: 100%; border-collapse: collapse; font-size: 1rem }
th, td { padding: .375rem .5rem .375rem 0; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line) }
tbody th { font-weight: 400 }
section { overflow-x: auto }
object { height: 2rem; max-width: 100% }
[role=alert] { margin: 0; font-weight: 600 }
)";
}

std::string trusted_picture(std::string_view language) {
    return std::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"260\" height=\"32\" viewBox=\"0 0 260 32\" "
                       "role=\"img\" lang=\"{0}\"><title>{1}</title><style>text{{font:17px sans-serif;fill:#14652e}}"
                       "@media(prefers-color-scheme:dark){{text{{fill:#7fe0a0}}}}</style><circle cx=\"16\" cy=\"16\" "
                       "r=\"14\" fill=\"#1b7f3b\"/><path d=\"M9 16l5 5 9-10\" fill=\"none\" stroke=\"#fff\" "
                       "stroke-width=\"3\"/><text x=\"40\" y=\"22\">{1}</text></svg>\n",
                       language, escape(words_in(language).trusted));
}

} // namespace postern::autoconfig

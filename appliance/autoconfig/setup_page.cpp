#include "autoconfig/setup_page.h"

#include "autoconfig/pictures.h"
#include "autoconfig/qr_code.h"
#include "autoconfig/words.h"
#include "core/crypto.h"
#include "pages/page.h"
#include "text/ascii.h"
#include "text/markup.h"
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

std::string address_parameter(Person const& person) { return "address=" + text::percent_encode(person.address, "@"); }

class Content {
public:
    Content(Office const& office, Reader const& reader, std::vector<std::string> const& authorities)
        : office_(office), reader_(reader), words_(words_in(reader.language)), authorities_(authorities) {}

    std::string write() {
        out_ = std::format("<p>{}</p>\n", text::escape_markup(words_.introduction));
        put_form();
        put_code();
        if (!authorities_.empty()) put_trust();
        put_systems();
        put_settings();
        if (!office_.account_url.empty()) put_account();
        return std::move(out_);
    }

private:
    using Steps = std::vector<std::string>;

    // `label`: what the system calls it that is meant.
    [[nodiscard]] std::string filled(std::string_view words, std::string_view label = "") const {
        std::string const domain = text::escape_markup(office_.servers.domain), called = text::escape_markup(label);
        return std::vformat(text::escape_markup(words), std::make_format_args(domain, called));
    }

    void put_form() {
        out_ += std::format("<form method=\"get\" action=\"/\">\n<label for=\"address\">{}</label>\n"
                            "<input type=\"email\" id=\"address\" name=\"address\" value=\"{}\" autocomplete=\"email\" "
                            "required{}>\n<input type=\"hidden\" name=\"lang\" value=\"{}\">\n<button>{}</button>\n",
                            text::escape_markup(words_.address),
                            reader_.person ? text::escape_markup(reader_.person->address) : "",
                            reader_.unknown ? " aria-invalid=\"true\" aria-describedby=\"wrong\"" : "",
                            reader_.language, text::escape_markup(words_.show));
        if (reader_.unknown)
            out_ += std::format("<p id=\"wrong\" role=\"alert\">{}</p>\n", filled(words_.no_such_address));
        out_ += "</form>\n";
    }

    // For who reads this on a computer and has a phone beside it.
    void put_code() {
        auto const url =
            office_.page_url + "/" + (reader_.person ? "?" + address_parameter(*reader_.person) : std::string());
        if (auto const code = qr_code(url, url); !code.empty())
            out_ += std::format("<section class=\"elsewhere\">\n<h2>{}</h2>\n<p>{}</p>\n{}\n</section>\n",
                                text::escape_markup(words_.scan), text::escape_markup(words_.scan_how), code);
    }

    void put_trust() {
        out_ += std::format("<section>\n<h2>{}</h2>\n"
                            "<p><object type=\"image/svg+xml\" data=\"{}/setup/trusted.svg?lang={}\">{}</object></p>\n"
                            "<p>{}</p>\n",
                            text::escape_markup(words_.trust), text::escape_markup(office_.secure_url),
                            reader_.language, text::escape_markup(words_.not_trusted), filled(words_.what_trust_means));
        for (std::string const& authority : authorities_)
            out_ += std::format("<p>{} <code>{}</code></p>\n", text::escape_markup(words_.fingerprint),
                                fingerprint(authority));
        out_ += "</section>\n";
    }

    // The next authority has a file of its own: most systems take one from a file.
    [[nodiscard]] std::vector<std::string_view> files() const {
        return authorities_.size() > 1 ? std::vector<std::string_view>{"office.crt", "next.crt"}
                                       : std::vector<std::string_view>{"office.crt"};
    }
    [[nodiscard]] std::string certificate_step() const {
        std::string links;
        for (std::string_view const file : files())
            links += std::format("{}<a class=\"get\" href=\"/setup/{}\" download>{}{}</a>", links.empty() ? "" : " ",
                                 file, text::escape_markup(words_.download_certificate), links.empty() ? "" : " (2)");
        return links;
    }
    // Where there is nothing to be trusted, there are no steps for that.
    void put(std::string_view system, std::string_view name, Steps const& trust, Steps const& account) {
        out_ += std::format("<details id=\"{}\"{}>\n<summary>{}</summary>\n<ol>\n", system,
                            system == system_of(reader_.user_agent) ? " open" : "", text::escape_markup(name));
        if (!authorities_.empty())
            for (auto const& step : trust) out_ += std::format("<li>{}</li>\n", step);
        for (auto const& step : account) out_ += std::format("<li>{}</li>\n", step);
        out_ += "</ol>\n</details>\n";
    }

    void put_systems() {
        std::string const password = text::escape_markup(words_.enter_password);
        Steps const profile{
            std::format("<a class=\"get\" href=\"/setup/office.mobileconfig{}\">{}</a>",
                        reader_.person ? "?" + text::escape_markup(address_parameter(*reader_.person)) : "",
                        text::escape_markup(words_.download_profile)),
            filled(words_.apple_install, words_.profile_downloaded) + picture_of_row(words_.profile_downloaded)};
        // Where there is nothing to be trusted, it is for the account alone.
        Steps apple = authorities_.empty() && !reader_.person ? Steps() : profile;
        if (!authorities_.empty())
            apple.push_back(text::escape_markup(words_.apple_trust) + picture_of_switch(office_.servers.domain));
        apple.push_back(password);
        put("apple", words_.apple, {}, apple);
        std::string powershell;
        for (std::string_view const file : files())
            powershell += std::format("{0}Invoke-WebRequest {1}/setup/{2} -OutFile $env:TEMP\\{2}; Import-Certificate "
                                      "-FilePath $env:TEMP\\{2} -CertStoreLocation Cert:\\CurrentUser\\Root",
                                      powershell.empty() ? "" : "; ", office_.page_url, file);
        put("windows", words_.windows,
            {certificate_step(), filled(words_.windows_install, words_.trusted_roots) +
                                     picture_of_choice(words_.trusted_roots) + text::escape_markup(words_.or_paste) +
                                     std::format(" <code class=\"line\">{}</code>", text::escape_markup(powershell))},
            {text::escape_markup(words_.outlook)});
        put("android", words_.android,
            {certificate_step(),
             filled(words_.android_install, words_.ca_certificate) + picture_of_row(words_.ca_certificate)},
            {text::escape_markup(words_.add_account)});
        put("thunderbird", words_.thunderbird,
            {certificate_step(),
             text::escape_markup(words_.thunderbird_install) + picture_of_tick(words_.identify_websites)},
            {text::escape_markup(words_.thunderbird_account)});
        std::string const shell =
            std::format("curl -s {}/setup/office.pem | sudo tee "
                        "/usr/local/share/ca-certificates/office.crt && sudo update-ca-certificates",
                        office_.page_url);
        put("linux", words_.linux_system,
            {text::escape_markup(words_.linux_install) +
             std::format(" <code class=\"line\">{}</code>", text::escape_markup(shell))},
            {text::escape_markup(words_.add_account)});
    }

    void put_settings() {
        out_ += std::format(
            "<section>\n<h2>{}</h2>\n<table>\n<thead><tr><td></td><th scope=\"col\">{}</th><th scope=\"col\">"
            "{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
            text::escape_markup(words_.by_hand), text::escape_markup(words_.server), text::escape_markup(words_.port),
            text::escape_markup(words_.security));
        for (MailServer const& server : office_.servers.servers) {
            bool const sends = server.protocol == Protocol::submission;
            std::string_view const protocol = sends ? "SMTP" : server.protocol == Protocol::imap ? "IMAP" : "POP3";
            out_ += std::format("<tr><th scope=\"row\">{} ({})</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                                text::escape_markup(sends ? words_.outgoing : words_.incoming), protocol,
                                text::escape_markup(office_.servers.host), server.port,
                                server.implicit_tls ? "SSL/TLS" : "STARTTLS");
        }
        out_ += std::format(
            "</tbody>\n</table>\n<p>{}: <strong>{}</strong></p>\n</section>\n", text::escape_markup(words_.user_name),
            text::escape_markup(reader_.person ? std::string_view(reader_.person->address) : words_.whole_address));
    }

    void put_account() {
        auto const link = pages::link(office_.account_url, reader_.language,
                                      reader_.person ? address_parameter(*reader_.person) : "");
        out_ += std::format("<section>\n<h2>{}</h2>\n<p><a href=\"{}\">{}</a></p>\n</section>\n",
                            text::escape_markup(words_.account), text::escape_markup(link),
                            text::escape_markup(words_.account_what));
    }

    Office const& office_;
    Reader const& reader_;
    Words const& words_;
    std::vector<std::string> const& authorities_;
    std::string out_;
};

} // namespace

http::Response setup_page(Office const& office, Reader const& reader, std::vector<std::string> const& authorities) {
    auto const& domain = office.servers.domain;
    return pages::respond({.language = reader.language,
                           .title = std::vformat(words_in(reader.language).title, std::make_format_args(domain)),
                           .path = "/",
                           .parameters = reader.person ? address_parameter(*reader.person) : "",
                           .content = Content(office, reader, authorities).write()},
                          std::format("object-src {0}; frame-src {0}; ", office.secure_url));
}

std::string trusted_picture(std::string_view language) {
    return std::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"260\" height=\"32\" viewBox=\"0 0 260 32\" "
                       "role=\"img\" lang=\"{0}\"><title>{1}</title><style>:root{{color-scheme:light dark}}"
                       "text{{font:17px sans-serif;fill:#14652e}}"
                       "@media(prefers-color-scheme:dark){{text{{fill:#7fe0a0}}}}</style><circle cx=\"16\" cy=\"16\" "
                       "r=\"14\" fill=\"#1b7f3b\"/><path d=\"M9 16l5 5 9-10\" fill=\"none\" stroke=\"#fff\" "
                       "stroke-width=\"3\"/><text x=\"40\" y=\"22\">{1}</text></svg>\n",
                       language, text::escape_markup(words_in(language).trusted));
}

} // namespace postern::autoconfig

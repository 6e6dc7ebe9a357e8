#include "self_service/account_page.h"

#include "pages/page.h"
#include "self_service/words.h"
#include "text/markup.h"
#include "text/size.h"

#include <chrono>
#include <format>
#include <utility>

namespace postern::self_service {

namespace {

using text::escape_markup;

template <typename... Values> std::string filled(std::string_view words, Values const&... values) {
    return escape_markup(std::vformat(words, std::make_format_args(values...)));
}

struct Told {
    std::string words; // markup
    bool fault;
};

Told told(Words const& words, Notice notice) {
    switch (notice) {
    case Notice::none: return {};
    case Notice::wrong: return {escape_markup(words.wrong), true};
    case Notice::unavailable: return {escape_markup(words.unavailable), true};
    case Notice::changed: return {escape_markup(words.changed), false};
    case Notice::wrong_password: return {escape_markup(words.wrong_password), true};
    case Notice::too_short: return {filled(words.too_short, shortest_password), true};
    case Notice::not_the_same: return {escape_markup(words.not_the_same), true};
    case Notice::unusable: return {escape_markup(words.unusable), true};
    }
    std::unreachable();
}

std::string notice_element(Words const& words, Notice notice) {
    if (notice == Notice::none) return {};
    auto const [markup, fault] = told(words, notice);
    return std::format("<p role=\"{}\">{}</p>\n", fault ? "alert" : "status", markup);
}

unsigned status_of(Notice notice) {
    switch (notice) {
    case Notice::none:
    case Notice::changed: return 200;
    case Notice::unavailable: return 503;
    case Notice::wrong:
    case Notice::wrong_password: return 403;
    case Notice::too_short:
    case Notice::not_the_same:
    case Notice::unusable: return 422;
    }
    std::unreachable();
}

std::string form(std::string_view path, std::string_view language, std::string const& fields, std::string_view button) {
    return std::format("<form method=\"post\" action=\"{}\">\n{}<button>{}</button>\n</form>\n",
                       escape_markup(pages::link(path, language)), fields, escape_markup(button));
}

std::string password_field(std::string_view name, std::string const& label, std::string_view kind) {
    return std::format("<label for=\"{0}\">{1}</label>\n<input type=\"password\" id=\"{0}\" name=\"{0}\" "
                       "autocomplete=\"{2}\" required>\n",
                       name, label, kind);
}

// For who reads it now: the box may not know in which time zone.
std::string ago(Words const& words, office::Device const& device, core::WallTime now) {
    using namespace std::chrono;
    auto const passed = now - device.last;
    if (device.sessions != 0 || passed < minutes(1)) return escape_markup(words.now);
    if (passed < hours(1)) return filled(words.minutes, duration_cast<minutes>(passed).count());
    if (passed < days(2)) return filled(words.hours, duration_cast<hours>(passed).count());
    return filled(words.days, duration_cast<days>(passed).count());
}

std::string devices_table(Words const& words, Account const& account, core::WallTime now) {
    if (account.devices.empty()) return std::format("<p>{}</p>\n", escape_markup(words.no_devices));
    auto out =
        std::format("<table>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}"
                    "</th></tr></thead>\n<tbody>\n",
                    escape_markup(words.program), escape_markup(words.network_address), escape_markup(words.last_seen));
    for (office::Device const& device : account.devices)
        out += std::format("<tr><th scope=\"row\">{}{}</th><td>{}</td><td>{}</td></tr>\n",
                           escape_markup(device.program.empty() ? "" : device.program + ", "),
                           escape_markup(device.service), escape_markup(device.address), ago(words, device, now));
    return out + std::format("</tbody>\n</table>\n<p>{}</p>\n", escape_markup(words.since_start));
}

// Forms are sent with their origin only where a referrer may be (Fetch §3.2).
http::Response finish(pages::Page page, unsigned status) {
    auto response = pages::respond(page);
    response.status = status;
    response.fields.emplace_back("Referrer-Policy", "same-origin");
    return response;
}

} // namespace

http::Response log_in_page(std::string_view language, std::string_view address, Notice notice,
                           std::string_view setup_url) {
    Words const& words = words_in(language);
    auto const fields =
        std::format("<label for=\"address\">{}</label>\n<input type=\"text\" inputmode=\"email\" id=\"address\" "
                    "name=\"address\" value=\"{}\" autocomplete=\"username\" autocapitalize=\"none\" required>\n",
                    escape_markup(words.address), escape_markup(address)) +
        password_field("password", escape_markup(words.password), "current-password");
    return finish(
        {.language = language,
         .title = std::string(words.sign_in),
         .path = std::string(account_path),
         .content = notice_element(words, notice) + form(log_in_path, language, fields, words.sign_in) +
                    std::format("<p><a href=\"{}\">{}</a></p>\n", escape_markup(pages::link(setup_url, language)),
                                escape_markup(words.to_setup))},
        status_of(notice));
}

http::Response account_page(std::string_view language, Account const& account, Notice notice, core::WallTime now,
                            std::string_view setup_url) {
    Words const& words = words_in(language);
    auto const token = std::format("<input type=\"hidden\" name=\"token\" value=\"{}\">\n", account.form_token);
    auto const used = text::size_text(account.usage.octets);
    auto const limit = text::size_text(account.quota.octets);
    auto const storage =
        account.quota.octets == store::no_limit ? filled(words.used, used) : filled(words.used_of, used, limit);
    // Password managers want to know whose password it is.
    auto const passwords =
        std::format("<input type=\"hidden\" name=\"username\" value=\"{}\" autocomplete=\"username\">\n",
                    escape_markup(account.address)) +
        password_field("current", escape_markup(words.current_password), "current-password") +
        password_field("new", filled(words.new_password, shortest_password), "new-password") +
        password_field("again", escape_markup(words.same_again), "new-password");
    return finish(
        {.language = language,
         .title = std::string(words.account),
         .path = std::string(account_path),
         .content = std::format(
             "<p><strong>{}</strong></p>\n{}<p>{}: {}</p>\n<section>\n<h2>{}</h2>\n{}</section>\n"
             "<section>\n<h2>{}</h2>\n<p>{}</p>\n{}</section>\n{}<p><a href=\"{}\">{}</a></p>\n",
             escape_markup(account.address), notice_element(words, notice), escape_markup(words.storage), storage,
             escape_markup(words.devices), devices_table(words, account, now), escape_markup(words.change_password),
             escape_markup(words.what_it_means), form(password_path, language, token + passwords, words.change),
             form(log_out_path, language, token, words.sign_out), escape_markup(pages::link(setup_url, language)),
             escape_markup(words.to_setup))},
        status_of(notice));
}

} // namespace postern::self_service

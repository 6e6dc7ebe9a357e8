#include "message/delivery_status.h"

#include "message/address.h"
#include "message/encoded_word.h"
#include "message/header.h"
#include "message/seven_bit.h"
#include "text/ascii.h"
#include "text/quoted_printable.h"
#include "text/size.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <initializer_list>
#include <ranges>
#include <utility>

namespace postern::message {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t returned_unasked_octets = 64 * 1024; // a whole message
constexpr std::size_t returned_header_octets = 64 * 1024;    // of a header
constexpr std::size_t reply_characters = 600;                // RFC 5321 §4.5.3.1.5 allows 512 octets a line
constexpr std::size_t subject_characters = 150;
constexpr std::size_t address_characters = 500; // RFC 3461 §4.2
constexpr std::size_t type_characters = 40;
constexpr std::size_t name_characters = 255;   // RFC 1035 §2.3.4
constexpr std::size_t message_id_octets = 900; // in one line
constexpr std::size_t text_columns = 72;

bool is_spacing(char32_t c) { return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029; }

// What turns the writing direction or shows nothing, by which a text could seem to say something else.
bool is_misleading(char32_t c) {
    return c == 0x61c || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

// On one line, with single spaces for controls and all other white space, and no longer than that.
std::string cleaned(std::string_view raw, std::size_t characters) {
    std::string out;
    bool space = false;
    for (std::size_t n = 0; !raw.empty();) {
        auto const front = text::utf8_front(raw);
        raw.remove_prefix(front.length);
        if (is_misleading(front.character)) continue;
        if (is_spacing(front.character)) {
            space = !out.empty();
            continue;
        }
        if (n++ == characters) return out + "...";
        if (std::exchange(space, false)) out += ' ';
        text::append_utf8(out, front.character);
    }
    return out;
}

std::string in_ascii(std::string text) {
    std::ranges::replace_if(text, [](char c) { return !text::is_ascii(c); }, '?');
    return text;
}

// RFC 3461 §4: "+2B" stands for "+".
std::string decode_xtext(std::string_view xtext) {
    std::string out;
    for (std::size_t i = 0; i < xtext.size(); ++i) {
        bool const escape = xtext[i] == '+' && i + 2 < xtext.size() && text::hex_value(xtext[i + 1]) >= 0 &&
                            text::hex_value(xtext[i + 2]) >= 0;
        if (!escape) {
            out += xtext[i];
            continue;
        }
        out += static_cast<char>(text::hex_value(xtext[i + 1]) * 16 + text::hex_value(xtext[i + 2]));
        i += 2;
    }
    return out;
}

// RFC 6533 §3 EmbeddedUnicodeChar: "\x{E9}" stands for "é".
std::string decode_unitext(std::string_view unitext) {
    std::string out;
    while (!unitext.empty()) {
        if (unitext.starts_with("\\x{")) {
            char32_t character = 0;
            std::size_t at = 3;
            for (; at < unitext.size() && at < 9 && text::hex_value(unitext[at]) >= 0; ++at)
                character = character * 16 + static_cast<char32_t>(text::hex_value(unitext[at]));
            if (at > 3 && unitext.substr(at).starts_with('}')) {
                text::append_utf8(out, character);
                unitext.remove_prefix(at + 1);
                continue;
            }
        }
        out += unitext.front();
        unitext.remove_prefix(1);
    }
    return out;
}

struct TypedAddress {
    std::string type;
    std::string address;
};

TypedAddress typed(std::string_view type, std::string_view address) {
    TypedAddress out{in_ascii(cleaned(type, type_characters)), cleaned(address, address_characters)};
    if (!text::is_ascii(out.address)) out.type = "utf-8"; // RFC 6533 §3
    return out;
}

std::optional<TypedAddress> original_recipient(RecipientStatus const& recipient) {
    std::string_view const value = recipient.original_recipient;
    auto const semicolon = value.find(';');
    if (semicolon == std::string_view::npos) return std::nullopt;
    std::string_view const type = value.substr(0, semicolon);
    std::string_view const address = value.substr(semicolon + 1);
    return typed(type, text::iequals(type, "utf-8") ? decode_unitext(address) : decode_xtext(address));
}

TypedAddress final_recipient(RecipientStatus const& recipient) { return typed("rfc822", recipient.final_recipient); }

// How the sender called the recipient.
std::string known_address(RecipientStatus const& recipient) {
    return original_recipient(recipient).value_or(final_recipient(recipient)).address;
}

std::string_view action_name(Action action) {
    switch (action) {
    case Action::failed: return "failed";
    case Action::delayed: return "delayed";
    case Action::delivered: return "delivered";
    case Action::relayed: return "relayed";
    case Action::expanded: return "expanded";
    }
    std::unreachable();
}

// RFC 3463 §2: class "." subject "." detail
struct Status {
    char code_class;
    std::string detail; // with the subject, "1.1"
};

Status parse_status(RecipientStatus const& recipient) {
    std::string_view const text = recipient.status;
    auto const is_number = [](std::string_view digits) {
        return !digits.empty() && digits.size() <= 3 && std::ranges::all_of(digits, text::is_digit);
    };
    auto const dot = text.find('.', 2);
    if (text.size() > 2 && (text[0] == '2' || text[0] == '4' || text[0] == '5') && text[1] == '.' &&
        dot != std::string_view::npos && is_number(text.substr(2, dot - 2)) && is_number(text.substr(dot + 1)))
        return {text[0], std::string(text.substr(2))};
    switch (recipient.action) {
    case Action::failed: return {'5', "0.0"};
    case Action::delayed: return {'4', "0.0"};
    case Action::delivered:
    case Action::relayed:
    case Action::expanded: return {'2', "0.0"};
    }
    std::unreachable();
}

// ---- what machines read

std::string delivery_status_fields(DeliveryStatus const& status, bool utf8) {
    std::string out;
    auto const put = [&](std::string_view name, std::string const& body) {
        put_folded(out, name, utf8 ? body : in_ascii(body));
    };
    auto const put_mta = [&](std::string_view name, std::string_view domain) {
        put(name, "dns; " + cleaned(domain, name_characters));
    };
    if (!status.envelope_id.empty())
        put("Original-Envelope-Id", cleaned(decode_xtext(status.envelope_id), address_characters));
    put_mta("Reporting-MTA", status.reporting_mta);
    put("Arrival-Date", format_date(status.arrival));
    if (!status.future_release_request.empty()) put("Future-Release-Request", status.future_release_request);
    for (RecipientStatus const& recipient : status.recipients) {
        out += "\r\n";
        if (auto const original = original_recipient(recipient))
            put("Original-Recipient", original->type + ";" + original->address);
        auto const final = final_recipient(recipient);
        put("Final-Recipient", final.type + ";" + final.address);
        put("Action", std::string(action_name(recipient.action)));
        auto const code = parse_status(recipient);
        put("Status", std::format("{}.{}", code.code_class, code.detail));
        if (!recipient.remote_mta.empty()) put_mta("Remote-MTA", recipient.remote_mta);
        if (!recipient.reply.empty()) put("Diagnostic-Code", "smtp; " + cleaned(recipient.reply, reply_characters));
        if (recipient.last_attempt) put("Last-Attempt-Date", format_date(*recipient.last_attempt));
        if (recipient.action == Action::delayed && recipient.will_retry_until)
            put("Will-Retry-Until", format_date(*recipient.will_retry_until));
    }
    return out;
}

// ---- what people read

struct Filling {
    std::string_view name;
    std::string_view value;
};

std::string filled(std::string_view text, std::initializer_list<Filling> fillings) {
    std::string out;
    while (!text.empty()) {
        auto const filling =
            std::ranges::find_if(fillings, [&](Filling const& each) { return text.starts_with(each.name); });
        out += filling == fillings.end() ? text.substr(0, 1) : filling->value;
        text.remove_prefix(filling == fillings.end() ? 1 : filling->name.size());
    }
    return out;
}

// A paragraph that is no wider than a reader's window, and an empty line.
void put_paragraph(std::string& out, std::string_view text, std::string_view indent = "") {
    std::size_t column = 0;
    for (auto const range : std::views::split(text, ' ')) {
        std::string_view const word(range.begin(), range.end());
        auto const width = static_cast<std::size_t>(
            std::ranges::count_if(word, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
        if (column > 0 && column + 1 + width > text_columns) {
            out += "\r\n";
            column = 0;
        }
        out += column == 0 ? indent : " ";
        out += word;
        column += (column == 0 ? indent.size() : 1) + width;
    }
    out += "\r\n\r\n";
}

void put_words(std::string& text, std::string_view more) {
    if (!text.empty() && !more.empty()) text += ' ';
    text += more;
}

std::string duration_text(std::chrono::seconds duration, DeliveryTexts const& texts) {
    auto const counted = [](DeliveryTexts::Counted const& unit, std::int64_t n) {
        return n == 1 ? std::string(unit.one) : filled(unit.many, {{"{n}", std::to_string(n)}});
    };
    auto const minutes = std::max<std::int64_t>(1, std::chrono::round<std::chrono::minutes>(duration).count());
    if (minutes < 60) return counted(texts.minutes, minutes);
    auto const hours = std::chrono::round<std::chrono::hours>(duration).count();
    if (hours < 48) return counted(texts.hours, hours);
    return counted(texts.days, std::chrono::round<std::chrono::days>(duration).count());
}

// "Fri, 21 Nov 1997 09:55"
std::string date_text(DateTime date) {
    std::string const full = format_date(date);
    return full.substr(0, full.rfind(':'));
}

DeliveryTexts::Meaning const& find_meaning(Status const& status, DeliveryTexts const& texts) {
    auto const meaning = std::ranges::find_if(texts.meanings, [&](DeliveryTexts::Meaning const& each) {
        return each.detail == status.detail && each.classes.contains(status.code_class);
    });
    if (meaning != texts.meanings.end()) return *meaning;
    return status.code_class == '4' ? texts.refused_for_now : texts.refused;
}

std::string failure_text(DeliveryStatus const& status, RecipientStatus const& recipient, DeliveryTexts const& texts) {
    auto const code = parse_status(recipient);
    auto const& meaning = find_meaning(code, texts);
    bool const too_large = (code.detail == "2.3" || code.detail == "3.4") && recipient.size_limit > 0;
    std::string out = too_large ? filled(texts.too_large, {{"{size}", text::size_text(status.size)},
                                                           {"{limit}", text::size_text(recipient.size_limit)}})
                                : std::string(meaning.what);
    if (code.code_class == '4') {
        auto const waited = duration_text(status.date.utc - status.arrival.utc, texts);
        put_words(out, filled(texts.gave_up, {{"{waited}", waited}}));
    }
    put_words(out, meaning.advice);
    return out;
}

std::string delay_text(DeliveryStatus const& status, RecipientStatus const& recipient, DeliveryTexts const& texts) {
    std::string out;
    switch (recipient.delay) {
    case Delay::no_internet: return filled(texts.no_internet, {{"{outage}", duration_text(status.outage, texts)}});
    case Delay::link_held: out = texts.link_held; break;
    case Delay::relay_refuses: out = texts.relay_refuses; break;
    case Delay::server_defers:
        out = find_meaning(parse_status(recipient), texts).what;
        put_words(out, texts.try_again);
        break;
    }
    if (recipient.will_retry_until) {
        auto const remaining = duration_text(recipient.will_retry_until->utc - status.date.utc, texts);
        put_words(out, filled(texts.retry_until, {{"{remaining}", remaining}}));
    }
    return out;
}

std::string server_name(RecipientStatus const& recipient, DeliveryTexts const& texts) {
    return recipient.remote_mta.empty() ? std::string(texts.other_server)
                                        : cleaned(recipient.remote_mta, name_characters);
}

// What became of it for a recipient, and what was said about it.
std::string recipient_text(DeliveryStatus const& status, RecipientStatus const& recipient, DeliveryTexts const& texts) {
    std::string explanation;
    switch (recipient.action) {
    case Action::failed: explanation = failure_text(status, recipient, texts); break;
    case Action::delayed: explanation = delay_text(status, recipient, texts); break;
    case Action::delivered: explanation = texts.delivered; break;
    case Action::relayed:
        explanation = filled(recipient.relay_tells ? texts.relayed_to_reporter : texts.relayed,
                             {{"{server}", server_name(recipient, texts)}});
        break;
    case Action::expanded: explanation = texts.expanded; break;
    }
    std::string out;
    put_paragraph(out, explanation);
    bool const trouble = recipient.action == Action::failed ||
                         (recipient.action == Action::delayed && recipient.delay != Delay::no_internet);
    if (trouble && !recipient.reply.empty()) {
        put_paragraph(out, filled(texts.said, {{"{server}", server_name(recipient, texts)}}));
        put_paragraph(out, cleaned(recipient.reply, reply_characters), "    ");
    }
    return out;
}

DeliveryTexts::Outcome const& outcome(Action action, DeliveryTexts const& texts) {
    return texts.outcomes.at(static_cast<std::size_t>(action));
}

Action gravest(std::vector<RecipientStatus> const& recipients) {
    return std::ranges::min(recipients, {}, &RecipientStatus::action).action;
}

std::string subject_text(HeaderSection const& header, DeliveryTexts const& texts) {
    auto const field = header.first("Subject");
    std::string subject = field ? cleaned(decode_words(unfold(field->raw_body)), subject_characters) : "";
    return subject.empty() ? std::string(texts.no_subject) : subject;
}

std::string notice_text(DeliveryStatus const& status, HeaderSection const& header, DeliveryTexts const& texts) {
    std::string out;
    Action const worst = gravest(status.recipients);
    put_paragraph(out, outcome(worst, texts).opening);
    auto const sent = header.first("Date").transform([](Field const& field) { return parse_date(field.raw_body); });
    auto const width = std::max(texts.subject_label.size(), texts.date_label.size());
    out += std::format("    {:<{}} {}\r\n", texts.subject_label, width, subject_text(header, texts));
    out += std::format("    {:<{}} {}\r\n\r\n", texts.date_label, width,
                       date_text(sent.value_or(std::nullopt).value_or(status.arrival)));

    // Those whom the same happened to are told of together.
    struct Fate {
        Action action;
        std::string text;
        std::vector<std::string> addresses;
    };
    std::vector<Fate> fates;
    for (RecipientStatus const& recipient : status.recipients) {
        std::string text = recipient_text(status, recipient, texts);
        auto fate = std::ranges::find_if(
            fates, [&](Fate const& each) { return each.action == recipient.action && each.text == text; });
        if (fate == fates.end()) fate = fates.insert(fates.end(), Fate{recipient.action, std::move(text), {}});
        fate->addresses.push_back(known_address(recipient));
    }
    std::ranges::stable_sort(fates, {}, &Fate::action);
    for (Fate const& fate : fates) {
        put_paragraph(out, outcome(fate.action, texts).recipients);
        for (std::string const& address : fate.addresses) out += "    " + address + "\r\n";
        out += "\r\n" + fate.text;
    }

    std::string closing;
    if (worst == Action::failed) closing = texts.others;
    if (status.returned == Returned::whole) put_words(closing, texts.attached);
    if (!closing.empty()) put_paragraph(out, closing);
    put_paragraph(out, filled(texts.closing, {{"{host}", cleaned(status.reporting_mta, name_characters)}}));
    out.resize(out.size() - 2);
    return out;
}

// ---- the message

// RFC 5322 §3.6.4, or empty.
std::string message_id_of(HeaderSection const& header) {
    auto const field = header.first("Message-ID");
    if (!field) return {};
    std::string const body = unfold(field->raw_body);
    auto const begin = std::min(body.find('<'), body.size());
    std::string id = body.substr(begin, body.find('>', begin) - begin + 1);
    bool const valid = id.size() > 2 && id.size() <= message_id_octets && id.ends_with('>') &&
                       std::ranges::all_of(id, text::is_visible);
    return valid ? id : "";
}

// A part whose body becomes 7bit data.
void put_part(std::string& out, std::string_view boundary, std::string_view content_type, std::string_view body) {
    SevenBitScanner scanner;
    scanner.feed(body);
    scanner.finish();
    bool const as_it_is = !scanner.beyond_ascii() && !scanner.long_lines() && !scanner.binary();
    out += std::format("--{}\r\nContent-Type: {}\r\n", boundary, content_type);
    out += as_it_is ? "\r\n" : "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    out += as_it_is ? std::string(body) : text::quoted_printable_encode(body);
    out += "\r\n";
}

std::string returned_fields(HeaderSection const& header) {
    std::string out;
    for (Field const& field : header) {
        if (out.size() + field.whole.size() > returned_header_octets) break;
        out += field.whole;
    }
    if (!out.ends_with('\n')) out += "\r\n";
    return out;
}

} // namespace

Notice make_notice(DeliveryStatus const& status, std::string_view header_section, DeliveryTexts const& texts) {
    HeaderSection const header(header_section);
    // RFC 6532 §3.7; what is no UTF-8 either is mail of the kind that always was.
    bool const global = !text::is_ascii(header_section) && text::is_utf8(header_section);
    bool const utf8 = std::ranges::any_of(status.recipients, [](RecipientStatus const& recipient) {
        return final_recipient(recipient).type == "utf-8" ||
               original_recipient(recipient).value_or(TypedAddress()).type == "utf-8";
    });
    bool const whole = status.returned == Returned::whole;
    bool const eight_bit = whole && (status.eight_bit || !text::is_ascii(header_section));
    constexpr std::string_view eight_bit_field = "Content-Transfer-Encoding: 8bit\r\n";

    Notice notice;
    std::string& head = notice.head;
    put_folded(head, "From", std::format("{} <MAILER-DAEMON@{}>", encode_words(texts.sender), status.mail_domain));
    put_folded(head, "Reply-To", std::format("postmaster@{}", status.mail_domain));
    auto const to = parse_smtp_mailbox(status.reverse_path, true);
    put_folded(head, "To", to ? to_string(*to) : "undisclosed-recipients:;");
    std::string const subject =
        filled(outcome(gravest(status.recipients), texts).subject, {{"{subject}", subject_text(header, texts)}});
    put_folded(head, "Subject", encode_words(subject));
    put_folded(head, "Date", format_date(status.date));
    put_folded(head, "Message-ID", status.message_id);
    if (auto const id = message_id_of(header); !id.empty()) {
        put_folded(head, "In-Reply-To", id);
        put_folded(head, "References", id);
    }
    head += "Auto-Submitted: auto-replied\r\n" // RFC 3834 §5
            "MIME-Version: 1.0\r\n";
    head += std::format("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{}\"\r\n",
                        status.boundary);
    if (eight_bit) head += eight_bit_field;
    head += "\r\n";

    put_part(head, status.boundary, "text/plain; charset=utf-8", notice_text(status, header, texts));
    put_part(head, status.boundary, utf8 ? "message/global-delivery-status" : "message/delivery-status",
             delivery_status_fields(status, utf8));
    if (whole) {
        head += std::format("--{}\r\nContent-Type: {}\r\n{}\r\n", status.boundary,
                            global ? "message/global" : "message/rfc822", eight_bit ? eight_bit_field : "");
    } else {
        put_part(head, status.boundary, global ? "message/global-headers" : "text/rfc822-headers",
                 returned_fields(header));
    }
    notice.tail = std::format("{}--{}--\r\n", whole ? "\r\n" : "", status.boundary);
    return notice;
}

Returned find_returned(std::string_view asked, std::vector<RecipientStatus> const& recipients, std::uint64_t size) {
    if (gravest(recipients) != Action::failed || asked == "HDRS") return Returned::header;
    return asked == "FULL" || size <= returned_unasked_octets ? Returned::whole : Returned::header;
}

} // namespace postern::message

// Notices about messages and replies of a hostile world: the input, cut at its zero octets, is what came from outside.
// Properties: CRLF lines of at most 998 octets, ASCII but for an address in To; three parts; the fields of the header
// and of the status are those that were put there.
#include "message/delivery_status.h"

#include "message/header.h"
#include "message/seven_bit.h"
#include "message/structure.h"
#include "text/quoted_printable.h"
#include "text/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

using namespace postern;
using namespace postern::message;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

std::string take(std::string_view& rest) {
    auto const end = std::min(rest.find('\0'), rest.size());
    std::string const piece(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return piece;
}

DeliveryStatus hostile_status(std::uint8_t kind, std::string_view& rest) {
    constexpr DateTime noon{.utc = std::chrono::sys_seconds(std::chrono::seconds(1'772'000'000)), .offset = {}};
    RecipientStatus recipient{.original_recipient = take(rest),
                              .final_recipient = take(rest),
                              .action = static_cast<Action>(kind % 5),
                              .status = take(rest),
                              .remote_mta = take(rest),
                              .reply = take(rest),
                              .last_attempt = noon,
                              .size_limit = kind,
                              .delay = static_cast<Delay>(kind / 5 % 3),
                              .will_retry_until = noon};
    return {.reporting_mta = "mail.example",
            .mail_domain = "example",
            .reverse_path = take(rest),
            .envelope_id = take(rest),
            .arrival = noon,
            .size = kind,
            .recipients = {std::move(recipient)},
            .date = noon,
            .message_id = "<1@example>",
            .boundary = "b0und4ry"};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view rest(reinterpret_cast<char const*>(data) + 1, size - 1);
    DeliveryStatus const status = hostile_status(data[0], rest);
    if (rest.contains(status.boundary)) return 0;
    Notice const made = make_notice(status, rest);
    std::string const notice = made.head + made.tail;

    SevenBitScanner scanner;
    scanner.feed(notice);
    require(!scanner.binary() && !scanner.long_lines() && notice.ends_with("\r\n"));
    for (Field const& field : HeaderSection(notice)) {
        constexpr std::string_view names[] = {"From",           "Reply-To",     "To",          "Subject",
                                              "Date",           "Message-ID",   "In-Reply-To", "References",
                                              "Auto-Submitted", "MIME-Version", "Content-Type"};
        require(std::ranges::contains(names, field.name));
        require(text::is_ascii(field.whole) || field.name == "To");
    }
    require(text::is_ascii(std::string_view(notice).substr(header_end(notice))));

    StructureParser parser;
    parser.feed(notice);
    Structure const structure = parser.finish();
    require(structure.root.children.size() == 3);
    Part const& part = structure.root.children[1];
    std::string fields;
    std::string_view const body = std::string_view(notice).substr(part.body_begin, part.body_end - part.body_begin);
    text::QuotedPrintableDecoder decoder;
    if (part.encoding == "quoted-printable") {
        decoder.feed(body, fields);
        decoder.finish(fields);
    } else {
        fields = body;
    }
    require(std::ranges::count(fields, '\n') >= 6);
    auto const recipient_fields = std::string_view(fields).substr(header_end(fields));
    require(HeaderSection(fields).first("Reporting-MTA").has_value());
    require(HeaderSection(recipient_fields).first("Final-Recipient").has_value());
    require(HeaderSection(recipient_fields).first("Action").has_value());
    require(header_end(recipient_fields) == std::string_view::npos); // no further recipient
    return 0;
}

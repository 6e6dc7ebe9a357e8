// A stream of SMTP command lines: framed the same however it is cut, in bounded memory, and each line gives a valid
// command or a reply.
#include "wire/smtp_command.h"

#include "text/ascii.h"
#include "wire/line.h"
#include "wire/smtp_request.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::wire;
using namespace postern::wire::smtp;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

constexpr std::size_t limit = 300;

std::vector<std::string> frame(std::string_view stream, std::size_t step) {
    LineFramer framer;
    std::vector<std::string> outcomes;
    std::string input;
    while (!stream.empty()) {
        auto const piece = stream.substr(0, step);
        input += piece;
        stream.remove_prefix(piece.size());
        while (true) {
            Framed const framed = framer.next(input, limit);
            if (framed.outcome == Framing::line) outcomes.push_back("line " + std::string(framed.text));
            if (framed.outcome == Framing::malformed) outcomes.push_back("malformed");
            if (framed.outcome == Framing::too_long) outcomes.push_back("too long");
            input.erase(0, framed.consumed);
            if (framed.outcome == Framing::partial) break;
        }
        require(input.size() <= limit + 1);
    }
    return outcomes;
}

void check(std::string_view line) {
    auto const command = parse_command(line);
    if (!command) {
        auto const reply = format(command.error());
        require(reply.ends_with("\r\n") && reply.size() <= reply_line_limit);
        require(std::ranges::count(reply, '\n') == 1);
        require(reply.front() == command.error().enhanced.front());
        return;
    }
    if (auto const* mail = std::get_if<Mail>(&*command)) {
        // What a client may pass on is read as the same again.
        auto written = request::mail("", {.priority = mail->priority, .deliver_by = mail->deliver_by});
        written.resize(written.size() - 2);
        auto const again = parse_command(written);
        require(again && std::get<Mail>(*again).priority == mail->priority);
        require(std::get<Mail>(*again).deliver_by == mail->deliver_by);
    }
    if (auto const* rcpt = std::get_if<Rcpt>(&*command)) {
        // What was read can be written and is read as the same again.
        auto const again = parse_command(
            "RCPT TO:<" + message::smtp_mailbox(rcpt->forward_path.local_part, rcpt->forward_path.domain) + ">");
        if (again) require(std::get<Rcpt>(*again).forward_path == rcpt->forward_path);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const stream(reinterpret_cast<char const*>(data), size);
    auto const whole = frame(stream, std::max<std::size_t>(size, 1));
    require(whole == frame(stream, 1));
    require(whole == frame(stream, 7));
    for (auto const& outcome : whole)
        if (outcome.starts_with("line ")) check(std::string_view(outcome).substr(5));
    return 0;
}

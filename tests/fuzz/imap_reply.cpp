// A stream of a hostile IMAP server's responses: read the same however it is cut, in bounded memory; what is said in
// one is fit to be shown, and a message's octets are as many as were announced.
#include "text/ascii.h"
#include "text/utf8.h"
#include "wire/imap_reply_reader.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::wire::imap;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

struct Read {
    std::vector<Reply> replies;
    std::string octets;
    std::vector<FetchReply> bodies; // as known while their octets came
    bool malformed = false;
    bool operator==(Read const&) const = default;
};

Read read(std::string_view stream, std::size_t step) {
    ReplyReader reader;
    Read result;
    std::uint64_t arrived = 0; // of the message under way
    while (!result.malformed) {
        auto const piece = stream.substr(0, step);
        auto const [outcome, consumed, reply, fetch, octets] = reader.next(piece);
        require(consumed <= piece.size());
        require(outcome != ReplyReading::partial || consumed == piece.size());
        stream.remove_prefix(consumed);
        switch (outcome) {
        case ReplyReading::partial:
            if (stream.empty()) return result;
            break;
        case ReplyReading::reply:
            if (auto const* whole = std::get_if<FetchReply>(&reply); whole != nullptr && whole->has_body)
                require(whole->body_octets == arrived);
            arrived = 0;
            result.replies.push_back(reply);
            break;
        case ReplyReading::body:
            require(!octets.empty());
            arrived += octets.size();
            require(arrived <= fetch.body_octets);
            result.octets += octets;
            if (result.bodies.empty() || result.bodies.back() != fetch) result.bodies.push_back(fetch);
            break;
        case ReplyReading::malformed: result.malformed = true; break;
        }
    }
    return result;
}

void check(Reply const& reply) {
    if (auto const* status = std::get_if<StatusReply>(&reply)) {
        require(status->text.size() <= status_text_limit && text::is_utf8(status->text));
        require(std::ranges::none_of(status->text, text::is_control));
    }
    if (auto const* fetch = std::get_if<FetchReply>(&reply)) {
        require(fetch->parts.size() <= announced_parts_limit);
        for (AnnouncedPart const& part : fetch->parts)
            require(part.name.size() <= announced_text_limit && part.charset.size() <= announced_text_limit);
    }
    if (auto const* capabilities = std::get_if<CapabilityReply>(&reply))
        require(capabilities->names.size() <= capabilities_limit);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const stream(reinterpret_cast<char const*>(data), size);
    Read const whole = read(stream, size + 1);
    require(whole == read(stream, 1));
    require(whole == read(stream, 7));
    for (Reply const& reply : whole.replies) check(reply);
    return 0;
}

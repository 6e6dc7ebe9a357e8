// A hostile DNS message: what is read of it is within the protocol's limits, says the same once it is written again,
// and is cut to any limit in an orderly way.
#include "wire/dns_message.h"

#include "wire/dns_answer.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <variant>

using namespace postern::wire::dns;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void check(Name const& name) {
    require(name.wire().size() < Name::longest);
    auto const again = Name::parse(name.text());
    require(again && again->wire() == name.wire());
}

// Whether one is the beginning of the other.
template <typename Entries> bool begins(Entries const& cut, Entries const& whole) {
    return cut.size() <= whole.size() && std::equal(cut.begin(), cut.end(), whole.begin());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const [outcome, message] = parse_message({reinterpret_cast<char const*>(data), size});
    for (Question const& question : message.questions) check(question.name);
    for (auto const* section : {&message.answers, &message.authorities, &message.additionals}) {
        for (Record const& record : *section) {
            check(record.name);
            if (auto const* mx = std::get_if<Mx>(&record.data)) check(mx->exchange);
            if (auto const* cname = std::get_if<Cname>(&record.data)) check(cname->canonical);
        }
    }
    if (outcome != Reading::message) return 0;
    for (Question const& question : message.questions) {
        Answer const answer = read_answer(message, question);
        require(answer.data.size() <= answer_limit && (answer.finding == Finding::records) == !answer.data.empty());
        for (Data const& found : answer.data)
            require(std::visit([](auto const& typed) { return typed.type; }, found) == question.type);
    }

    auto const again = parse_message(format(message));
    require(again.outcome == Reading::message);
    // Names in SRV records are written whole, which may make the message too long.
    require(again.message == message || (again.message.truncated && !message.truncated));

    std::string const octets = format(message, udp_limit);
    require(octets.size() <= udp_limit);
    auto const cut = parse_message(octets);
    require(cut.outcome == Reading::message && cut.message.code == message.code);
    require(begins(cut.message.questions, message.questions) && begins(cut.message.answers, message.answers) &&
            begins(cut.message.authorities, message.authorities));
    require(cut.message.truncated ||
            (cut.message.questions == message.questions && cut.message.answers == message.answers &&
             cut.message.authorities == message.authorities));
    return 0;
}

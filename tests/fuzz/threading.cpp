// Threads of any messages: each message is in the forest once, what is no message holds two or more, and siblings of
// REFERENCES stand by when they were sent. The base subject of a base subject that is no reply is itself; and any field
// gives keys that can be kept.
#include "message/threading.h"

#include "message/base_subject.h"
#include "text/casemap.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace postern;
using namespace postern::message;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void check_forest(std::vector<ThreadNode> const& nodes, std::size_t messages) {
    std::vector<std::uint32_t> numbers;
    std::size_t expected = 0; // trees still to come below what was read
    for (ThreadNode const& node : nodes) {
        if (expected > 0) --expected;
        expected += node.replies;
        if (node.number == 0)
            require(node.replies >= 2);
        else
            numbers.push_back(node.number);
    }
    require(expected == 0 && numbers.size() == messages);
    std::ranges::sort(numbers);
    for (std::size_t i = 0; i < messages; ++i) require(numbers[i] == i + 1);
}

// Each message is four octets: its id, when it was sent, its subject, how many octets of references follow.
std::vector<Threaded> read(std::string_view octets) {
    static constexpr std::string_view subjects[] = {"", "A", "RE: A", "B", "RE: B (FWD)"};
    std::vector<Threaded> messages;
    while (octets.size() >= 4 && messages.size() < 200) {
        auto const octet = [&](std::size_t at) { return static_cast<unsigned char>(octets[at]); };
        Threaded one{.number = static_cast<std::uint32_t>(messages.size()) + 1,
                     .sent = std::chrono::sys_seconds(std::chrono::seconds(octet(1))),
                     .received = std::chrono::sys_seconds(std::chrono::seconds(octet(1) % 7)),
                     .keys = {},
                     .subject = base_subject(subjects[octet(2) % std::size(subjects)])};
        if (octet(0) != 0) one.keys.id = ReferenceHash{octet(0)};
        std::size_t const count = std::min<std::size_t>(octet(3) % 8, octets.size() - 4);
        for (std::size_t i = 0; i < count; ++i)
            one.keys.references.push_back(ReferenceHash{std::max<std::uint64_t>(octet(4 + i), 1)});
        octets.remove_prefix(4 + count);
        messages.push_back(std::move(one));
    }
    return messages;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    auto const messages = read(octets);
    for (auto const algorithm : {thread_by_subject, thread_by_references, thread_by_refs})
        check_forest(algorithm(messages), messages.size());

    auto const base = base_subject(text::casemap(octets));
    require(!base.text.starts_with(' ') && !base.text.ends_with(' '));
    auto const again = base_subject(base.text);
    require(again.text == base.text && !again.is_reply);

    ThreadKeys keys{.sent = {}, .id = {}, .references = reference_hashes(octets)};
    require(keys.references.size() <= references_limit);
    require(decode_thread_keys(encode(keys)) == keys);
    if (auto const decoded = decode_thread_keys(octets); decoded && encode(*decoded) != octets) __builtin_trap();
    return 0;
}

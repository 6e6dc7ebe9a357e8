// Messages gathered into threads: THREAD=ORDEREDSUBJECT and THREAD=REFERENCES (RFC 5256 §3), and THREAD=REFS
// (draft-ietf-morg-inthread-01 §4). Pure; any thread.
#pragma once

#include "message/base_subject.h"
#include "message/thread_keys.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace postern::message {

struct Threaded {
    std::uint32_t number; // what it is called in the result
    std::chrono::sys_seconds sent;
    std::chrono::sys_seconds received; // INTERNALDATE
    ThreadKeys keys;                   // not for ORDEREDSUBJECT
    BaseSubject subject;               // not for REFS
};

// A forest, each message before its replies: a message of n replies is followed by n trees.
struct ThreadNode {
    std::uint32_t number; // 0: no message, but what holds two or more that belong together
    std::uint32_t replies;
    friend bool operator==(ThreadNode const&, ThreadNode const&) = default;
};

// `messages` ascend by number. What the walk up from one message to its first ancestor takes is bounded: a message that
// would have more than chain_limit ancestors when its replies are here already begins a thread of its own.
inline constexpr std::size_t chain_limit = 100;
[[nodiscard]] std::vector<ThreadNode> thread_by_subject(std::vector<Threaded> const& messages);
[[nodiscard]] std::vector<ThreadNode> thread_by_references(std::vector<Threaded> const& messages);
[[nodiscard]] std::vector<ThreadNode> thread_by_refs(std::vector<Threaded> const& messages);

} // namespace postern::message

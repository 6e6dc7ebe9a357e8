// Messages as POP3 sends them, made on a reader's thread: the responses to RETR or TOP of several messages in one text.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/store.h"
#include "store/transaction.h"
#include "wire/pop3_text.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::pop3 {

// How messages are asked for.
struct Wish {
    std::optional<std::uint32_t> lines; // of the body, for TOP; nothing: RETR
    bool utf8 = false;                  // RFC 6856: as they are; else their headers become ASCII (message/downgrade.h)
    friend bool operator==(Wish const&, Wish const&) = default;
};

// Octets of one message that may lie in memory at a time.
inline constexpr std::size_t slice_octets = 64 * 1024;
// A text is not added to once it is this long; so it is at most this and a slice, as sent.
inline constexpr std::size_t batch_octets = 128 * 1024;

// How to go on with a long message.
struct Rest {
    store::BodyPin pin; // nobody erases it meanwhile
    store::BodyId body{};
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    wire::pop3::TextEncoder encoder;
    [[nodiscard]] bool empty() const { return offset == size || encoder.done(); }
};

struct Batch {
    struct Response {
        std::uint32_t number;
        std::size_t end;                          // in the text; a failure has no text
        std::optional<store::StoreError> failure; // no_such_message or damaged
        store::MessageId message{};               // that was rendered
    };
    Wish wish;
    std::string text;
    std::vector<Response> responses;
    std::optional<Rest> rest; // of the last one
};

struct Target {
    std::uint32_t number;
    store::Uid uid;
};

// The responses for the first of `targets`, which ascend: for all, unless they become too long. `store` is the
// transaction's, for pins.
[[nodiscard]] Batch render(store::ReadTransaction const& transaction, store::Store& store, store::MailboxId mailbox,
                           std::span<Target const> targets, Wish wish);

// The next slice of a long message, and at its end the end of the response; moves `rest` on.
// Errors: no_such_message, damaged.
[[nodiscard]] store::Result<std::string> render_slice(store::ReadTransaction const& transaction, Rest& rest);

} // namespace postern::pop3

// HTTP/1.1 messages (RFC 9112): octets to requests, responses to octets. The reader is incremental, and what a client
// can make it hold is bounded. Pure; one thread.
#pragma once

#include "core/clock.h"
#include "http/message.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace postern::http {

// Octets of a request's line and header section, and of its content.
inline constexpr std::size_t head_limit = 16 * 1024;
inline constexpr std::size_t body_limit = 64 * 1024;

enum class Reading : std::uint8_t {
    partial,   // more input is needed
    proceed,   // the client waits to be told before it sends its content (RFC 9110 §10.1.1); afterwards more is needed
    request,   // a whole one
    malformed, // none, or beyond a limit: nothing more is read, for where the next begins cannot be told
};

struct ReadRequest {
    Reading outcome = Reading::partial;
    std::size_t consumed = 0; // octets of input that are done with
    Request request{};
    bool persistent = false; // the client may ask more on this connection (RFC 9112 §9.3)
    unsigned status = 0;     // of one that is malformed: what it is to be answered
};

class RequestReader {
public:
    RequestReader();
    ~RequestReader();
    RequestReader(RequestReader&&) noexcept;
    RequestReader& operator=(RequestReader&&) noexcept;

    // Reads `input`, which begins just past what was consumed last. After a request the next one begins.
    ReadRequest next(std::string_view input);
    // Whether something of a request was read.
    [[nodiscard]] bool in_request() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The head and the content; of an answer to HEAD the head alone.
[[nodiscard]] std::string format(Response const& response, core::WallTime now, bool persistent, bool to_head);

} // namespace postern::http

// One run of uacme, the client that speaks ACME (RFC 8555) for us, as a child process. Where it is given no hook it
// asks on its standard output what to do about each challenge, and is answered on its standard input.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace postern::app {

namespace asio = boost::asio;

// RFC 8555 §8.4
struct DnsChallenge {
    std::string host; // to be proven
    std::string text; // that _acme-challenge.HOST is to have
};
// Whether the text is there now; else the run is of no use.
using TakeChallenge = std::function<asio::awaitable<bool>(DnsChallenge)>;

// With these arguments, until it ends; it is killed after a quarter of an hour of silence, and when nobody waits for it
// any more, with all that it started. The error is the last that it said, and what it said of why. Throws if the system
// has no pipe for it.
asio::awaitable<std::expected<void, std::string>> run_acme_client(std::vector<std::string> arguments,
                                                                  TakeChallenge take);

} // namespace postern::app

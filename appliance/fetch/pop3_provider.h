// A provider's mailbox by POP3 (RFC 1939): unique-ids (UIDL), messages one by one, or several asked for at a time where
// it knows PIPELINING (RFC 2449 §6.6). A message that a link does not carry whole before it is cut begins anew, since
// the protocol has no other way. What is to be removed is removed when a session comes to its end.
#pragma once

#include "fetch/provider.h"
#include "wire/line.h"
#include "wire/pop3_reply.h"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::fetch {

class Pop3Provider final : public Provider {
public:
    static constexpr std::size_t most_requests = 32;
    // Messages of a maildrop; what is beyond waits until there is less.
    static constexpr std::size_t listing_limit = 100'000;
    // What was taken and is not listed any more is remembered for so long: a provider that was restored lists it again.
    static constexpr std::chrono::days memory_of_gone{30};

    Pop3Provider(office::Office& office, Intake& intake, net::Dialed dialed);

    asio::awaitable<std::optional<Failure>> collect() override;
    asio::awaitable<std::expected<bool, Failure>> wait_for_news(net::Event&) override { co_return false; }
    asio::awaitable<void> quit() override;

private:
    using Reply = wire::pop3::ServerReply;
    struct Listed {
        std::uint32_t number = 0;
        std::string id;
        std::uint64_t size = 0; // as the provider says, which need not be true
    };

    asio::awaitable<std::optional<Failure>> begin(office::TlsTrust const& trust) override;
    asio::awaitable<std::optional<Failure>> learn_capabilities();
    asio::awaitable<std::optional<Failure>> log_in();
    asio::awaitable<std::expected<LoginAnswer, Failure>> login_answer() override;

    asio::awaitable<std::expected<std::vector<Listed>, Failure>> list();
    asio::awaitable<std::optional<Failure>> fetch(std::vector<Listed> wanted);
    asio::awaitable<std::optional<Failure>> take(Listed const& one);
    asio::awaitable<std::expected<bool, Failure>> looks_known(Listed const& one);
    // The header and so many lines of the text, of both no more than that; nothing: the provider does not give it.
    asio::awaitable<std::expected<std::optional<std::string>, Failure>> top(Listed const& one, std::uint32_t lines,
                                                                            std::size_t most);
    asio::awaitable<std::optional<Failure>> fetch_stubs(std::vector<Listed> const& wanted);
    asio::awaitable<std::optional<Failure>> fetch_originals(std::vector<Listed> const& listed);
    asio::awaitable<std::optional<Failure>> clear_up(std::vector<Listed> const& listed);

    [[nodiscard]] bool offers(std::string_view capability) const { return capabilities_.contains(capability); }
    asio::awaitable<std::expected<Reply, Failure>> reply(std::string_view when);
    // The next of a text behind a reply; nothing more at its end.
    asio::awaitable<std::expected<std::string, Failure>> more_text(wire::pop3::TextDecoder& decoder,
                                                                   std::string_view when);
    // All of it, in lines; of too many the first.
    asio::awaitable<std::expected<std::vector<std::string>, Failure>> read_lines(std::string_view when);
    [[nodiscard]] static Trouble trouble_of(Reply const& reply, Trouble otherwise);

    wire::LineFramer lines_;
    std::map<std::string, std::string, std::less<>> capabilities_; // in capitals, with their arguments
};

} // namespace postern::fetch

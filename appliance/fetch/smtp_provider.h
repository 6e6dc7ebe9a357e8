// A provider's server that keeps mail for domains of ours, by SMTP. By ETRN (RFC 1985) it hears that we are there, and
// brings the mail to our port 25. By ATRN (RFC 2645) it brings it on the same connection, on which it becomes the
// client then, and we are what our port 25 is: each message is on flash before it is acknowledged, and what is cut
// comes again.
#pragma once

#include "fetch/provider.h"
#include "wire/smtp_extensions.h"
#include "wire/smtp_reply_reader.h"

#include <string>
#include <string_view>

namespace postern::fetch {

class SmtpProvider final : public Provider {
public:
    SmtpProvider(office::Office& office, Intake& intake, net::Dialed dialed);

    asio::awaitable<std::optional<Failure>> collect() override;
    asio::awaitable<std::expected<bool, Failure>> wait_for_news(net::Event&) override { co_return false; }
    asio::awaitable<void> quit() override;

private:
    using Reply = wire::smtp::ServerReply;

    asio::awaitable<std::optional<Failure>> begin(office::TlsTrust const& trust) override;
    asio::awaitable<std::optional<Failure>> say_hello();
    asio::awaitable<std::optional<Failure>> log_in();
    asio::awaitable<std::expected<LoginAnswer, Failure>> login_answer() override;
    asio::awaitable<std::expected<Reply, Failure>> reply(std::string_view when);
    [[nodiscard]] Failure refused(std::string_view what, Reply const& reply) const;

    [[nodiscard]] std::string domains() const;
    asio::awaitable<std::optional<Failure>> start_queues();
    asio::awaitable<std::optional<Failure>> take_turn();

    wire::smtp::ReplyReader replies_;
    wire::smtp::Extensions extensions_;
    bool turned_ = false; // we are the server
};

} // namespace postern::fetch

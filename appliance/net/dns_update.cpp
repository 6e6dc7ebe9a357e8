#include "net/dns_update.h"

#include "net/dns_client.h"

#include <format>
#include <optional>
#include <span>
#include <utility>

namespace postern::net {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr auto patience = 30s;

asio::awaitable<std::expected<std::string, std::error_code>> read_exactly(Stream& stream, std::size_t size) {
    std::string octets(size, '\0');
    for (std::size_t filled = 0; filled < size;) {
        auto const read = co_await stream.read_some(std::span(octets).subspan(filled));
        if (!read) co_return std::unexpected(read.error());
        if (*read == 0) co_return std::unexpected(std::make_error_code(std::errc::connection_reset));
        filled += *read;
    }
    co_return octets;
}

// RFC 1035 §4.2.2
asio::awaitable<std::expected<std::string, std::error_code>> converse(Stream& stream, std::string const& message) {
    std::string framed{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())};
    framed += message;
    if (auto const error = co_await stream.write_all(framed)) co_return std::unexpected(error);
    auto const length = co_await read_exactly(stream, 2);
    if (!length) co_return std::unexpected(length.error());
    co_return co_await read_exactly(stream, static_cast<std::size_t>(static_cast<unsigned char>((*length)[0])) << 8 |
                                                static_cast<unsigned char>((*length)[1]));
}

// RFC 2308 §3: where there is nothing of that name, the zone says so.
std::optional<wire::dns::Name> zone_in(wire::dns::Message const& answer) {
    for (auto const* section : {&answer.answers, &answer.authorities})
        for (wire::dns::Record const& record : *section)
            if (record.type() == wire::dns::Type::soa) return record.name;
    return std::nullopt;
}

} // namespace

asio::awaitable<std::expected<void, std::string>> set_text(Dialer& dialer, UpdateServer server,
                                                           wire::dns::TsigKey const& key, wire::dns::Name name,
                                                           std::string text, core::Clock const& clock,
                                                           core::Random& random) {
    auto const failed = [&](std::string_view why) {
        return std::unexpected(std::format("the name server {} {}", server.host, why));
    };
    auto dialed = co_await dialer.dial(server.host, server.port, patience);
    if (!dialed) co_return std::unexpected(std::move(dialed.error()));
    Stream& stream = *dialed->stream;
    auto const id = [&] {
        std::string const octets = random.bytes(2);
        return static_cast<std::uint16_t>(static_cast<unsigned char>(octets[0]) << 8 |
                                          static_cast<unsigned char>(octets[1]));
    };

    wire::dns::Message question;
    question.id = id();
    question.questions = {{name, wire::dns::Type::soa}};
    auto const told = co_await converse(stream, format(question));
    if (!told) co_return failed(std::format("does not answer: {}", told.error().message()));
    auto const answer = wire::dns::parse_message(*told);
    if (answer.outcome != wire::dns::Reading::message || !is_answer(answer.message, question))
        co_return failed("talks nonsense");
    auto const zone = zone_in(answer.message);
    if (!zone || !answer.message.authoritative || !name.is_within(*zone))
        co_return failed(std::format("does not have the zone of {}", name.text()));

    wire::dns::Message update = wire::dns::text_update(*zone, name, text);
    update.id = id();
    auto const now = clock.wall();
    auto const request = sign(format(update), key, now);
    auto const said = co_await converse(stream, request.octets);
    if (!said) co_return failed(std::format("does not answer: {}", said.error().message()));
    auto const done = read_signed(*said, key, request.mac, now);
    if (!done) co_return failed(done.error());
    if (done->id != update.id) co_return failed("talks nonsense");
    if (done->code != wire::dns::ResponseCode::no_error)
        co_return failed(
            std::format("does not let {} be changed in {}: {}", name.text(), zone->text(), describe(done->code)));
    co_await stream.close();
    co_return std::expected<void, std::string>();
}

} // namespace postern::net

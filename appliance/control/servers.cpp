#include "control/servers.h"

#include "core/settings.h"
#include "net/key_digest.h"
#include "net/tls.h"
#include "store/audit.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::control {

namespace {

using store::RelaySecurity;

constexpr std::pair<std::string_view, RelaySecurity> securities[] = {
    {"tls", RelaySecurity::implicit_tls},
    {"starttls", RelaySecurity::starttls},
    {"opportunistic", RelaySecurity::opportunistic},
    {"none", RelaySecurity::plain},
};

} // namespace

std::string_view describe_security(RelaySecurity security) {
    return std::ranges::find(securities, security, [](auto const& row) { return row.second; })->first;
}

std::optional<std::string> apply_server(Arguments const& arguments, ServerFields fields, ServerPorts ports,
                                        bool opportunistic) {
    if (arguments.has("host")) {
        fields.host = arguments.word("host");
        if (fields.host.empty() || !std::ranges::all_of(fields.host, [](char c) { return text::is_visible(c); }))
            return std::format("\"{}\" is no host", fields.host);
    }
    if (auto const security = arguments.option("security")) {
        auto const row = std::ranges::find(securities, *security, [](auto const& one) { return one.first; });
        if (row == std::end(securities) || (!opportunistic && row->second == RelaySecurity::opportunistic))
            return std::format("security is tls, starttls{} or none, not {}", opportunistic ? ", opportunistic" : "",
                               *security);
        fields.security = row->second;
    }
    if (fields.port == 0 || arguments.option("security"))
        fields.port = fields.security == RelaySecurity::implicit_tls ? ports.with_tls : ports.otherwise;
    if (auto const given = arguments.option("port")) {
        auto const port = core::parse_count(*given);
        if (!port || *port == 0 || *port > 65535) return std::format("a port is a number up to 65535, not {}", *given);
        fields.port = static_cast<std::uint16_t>(*port);
    }
    if (auto const given = arguments.option("key")) {
        if (arguments.option("authority")) return "a server is known by an authority or by its key, not by both";
        auto const digest = net::parse_key_digest(*given);
        if (!digest) return std::format("a key is written as sha256:BASE64, of 32 octets, not {}", *given);
        fields.authority = net::write_key_digest(*digest);
    }
    if (auto const given = arguments.option("authority")) {
        fields.authority = *given;
        if (auto const client = net::TlsClient::make({.trusted = *given, .alpn = {}}); !client)
            return "the authority's file: " + client.error();
    }
    return std::nullopt;
}

asio::awaitable<Answer> change_row(Call call, std::string event, std::string noun,
                                   std::function<Outcome(store::WriteTransaction&, std::string const&)> edit,
                                   std::function<store::Result<void>(Daemon&)> apply) {
    std::string const name = call.arguments.word("name");
    auto& daemon = call.daemon;
    auto const outcome = co_await daemon.office.storage.write(
        [name, event, noun, edit = std::move(edit), caller = call.caller,
         now = daemon.office.clock.wall()](store::WriteTransaction& transaction) -> Outcome {
            auto reason = edit(transaction, name);
            if (!reason) return std::unexpected(reason.error());
            if (*reason) return *reason;
            auto const noted = store::audit(transaction, event, std::format("{}={} by={}", noun, name, caller), now);
            if (!noted) return std::unexpected(noted.error());
            return std::nullopt;
        });
    if (!outcome || *outcome) co_return answer(outcome, name);
    if (auto const applied = apply(daemon); !applied)
        co_return refused(std::format("it is kept, but cannot be read: {}", store::describe(applied.error())));
    co_return nullptr;
}

} // namespace postern::control

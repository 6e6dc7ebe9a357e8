// SASL messages of a hostile client and of a hostile server. Properties: what parses obeys the grammar's promises, no
// proof that was made without the key is taken, and no server is believed that does not know the password.
#include "wire/sasl_client.h"
#include "wire/sasl_plain.h"
#include "wire/sasl_scram.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

// A newline parts the server's challenges.
void check_client(std::string_view input) {
    constexpr std::pair<std::string_view, wire::SaslCredentials::Kind> mechanisms[] = {
        {"SCRAM-SHA-256", wire::SaslCredentials::Kind::password},
        {"SCRAM-SHA-256-PLUS", wire::SaslCredentials::Kind::password},
        {"PLAIN", wire::SaslCredentials::Kind::password},
        {"LOGIN", wire::SaslCredentials::Kind::password},
        {"OAUTHBEARER", wire::SaslCredentials::Kind::access_token},
        {"XOAUTH2", wire::SaslCredentials::Kind::access_token},
    };
    for (auto const& [mechanism, kind] : mechanisms) {
        std::string const offered[] = {std::string(mechanism)};
        auto const client = wire::SaslClient::choose(offered, {"user", core::Secret(std::string_view("pencil")), kind},
                                                     {true, "tls-exporter", "binding"}, "client");
        require(client && client->mechanism() == mechanism);
        auto const first = client->initial_response();
        require(first.has_value() == (mechanism != "LOGIN"));
        std::string_view rest = input;
        for (bool more = true; more;) {
            auto const end = std::min(rest.find('\n'), rest.size());
            auto const response = client->respond(rest.substr(0, end));
            more = response && end < rest.size();
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (mechanism.starts_with("SCRAM")) require(!client->complete());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    check_client(input);
    if (auto const plain = wire::parse_plain_message(input)) {
        std::string again = plain->authorization_identity;
        again += '\0';
        again += plain->authentication_identity;
        again += '\0';
        again += plain->password.reveal();
        require(again == input);
        (void)wire::prepare_password(plain->password.reveal());
    }
    // A newline parts the client's two messages.
    auto const end = input.find('\n');
    auto const binding = input.starts_with("p=") ? wire::ScramBinding::chosen : wire::ScramBinding::none;
    auto exchange = wire::ScramExchange::read(input.substr(0, end), binding);
    if (!exchange) return 0;
    require(!exchange->username().empty());
    require(exchange->binding_type().empty() || binding == wire::ScramBinding::chosen);
    std::string const challenge = exchange->challenge("server", "salt", 4096);
    require(challenge.starts_with("r=") && challenge.ends_with(",i=4096"));
    if (end == std::string_view::npos) return 0;
    wire::ScramKeys const keys{std::string(32, 'k'), std::string(32, 's')};
    require(!exchange->finish(input.substr(end + 1), keys, "binding"));
    return 0;
}

// SASL messages of a hostile client: the first octet says which. Properties: what parses obeys the grammar's promises,
// and no proof that was made without the key is taken.
#include "wire/sasl_plain.h"
#include "wire/sasl_scram.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
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

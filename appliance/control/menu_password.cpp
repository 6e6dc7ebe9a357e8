#include "control/menu_password.h"

#include "core/crypto.h"
#include "core/settings.h"
#include "core/words.h"
#include "text/base64.h"
#include "wire/sasl_plain.h"
#include "wire/sasl_scram.h"

#include <format>

namespace postern::control {

std::string write_verifier(store::ScramVerifier const& verifier) {
    return std::format("{} {} {} {}", verifier.iterations, text::base64_encode(verifier.salt),
                       text::base64_encode(verifier.stored_key), text::base64_encode(verifier.server_key));
}

std::optional<store::ScramVerifier> read_verifier(std::string_view kept) {
    auto const fields = core::words(kept);
    if (fields.size() != 4) return std::nullopt;
    auto const iterations = core::parse_count(fields[0]);
    auto const salt = text::base64_decode(fields[1]);
    auto const stored_key = text::base64_decode(fields[2]);
    auto const of_server = text::base64_decode(fields[3]);
    if (!iterations || *iterations == 0 || *iterations > wire::most_scram_iterations || !salt || !stored_key ||
        !of_server)
        return std::nullopt;
    return store::ScramVerifier{*salt, static_cast<std::uint32_t>(*iterations), *stored_key, *of_server};
}

bool is_password_of(store::ScramVerifier const& verifier, core::Secret const& password) {
    auto const prepared = wire::prepare_password(password.reveal());
    if (!prepared) return false;
    auto const keys = wire::derive_scram_keys(prepared->reveal(), verifier.salt, verifier.iterations);
    return core::equal_in_constant_time(keys.stored_key, verifier.stored_key);
}

} // namespace postern::control

#include "wire/sasl_scram.h"

#include "core/crypto.h"
#include "text/base64.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <optional>

namespace postern::wire {

namespace {

// Takes what stands before the next comma, and the comma.
std::string_view take_item(std::string_view& rest) {
    auto const comma = std::min(rest.find(','), rest.size());
    std::string_view const item = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    return item;
}

// The value of `item` if it is `name`'s attribute-value pair ("r=...").
std::optional<std::string_view> value_of(std::string_view item, char name) {
    if (item.size() < 2 || item[0] != name || item[1] != '=') return std::nullopt;
    return item.substr(2);
}

// RFC 5802 §7 saslname = 1*(value-safe-char / "=2C" / "=3D")
std::optional<std::string> decode_saslname(std::string_view encoded) {
    std::string name;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        if (encoded[at] == '\0') return std::nullopt;
        if (encoded[at] != '=') {
            name += encoded[at];
            continue;
        }
        std::string_view const escape = encoded.substr(at, 3);
        if (escape == "=2C")
            name += ',';
        else if (escape == "=3D")
            name += '=';
        else
            return std::nullopt;
        at += 2;
    }
    if (name.empty() || !text::is_utf8(name)) return std::nullopt;
    return name;
}

// RFC 5802 §7 printable = %x21-2B / %x2D-7E: no comma, which take_item has seen to.
bool is_nonce(std::string_view nonce) {
    return !nonce.empty() && std::ranges::all_of(nonce, [](char c) { return c > ' ' && c < 0x7F; });
}

} // namespace

std::string_view server_error_value(ScramError error) {
    switch (error) {
    case ScramError::invalid_encoding: return "invalid-encoding";
    case ScramError::extensions_not_supported: return "extensions-not-supported";
    case ScramError::invalid_proof: return "invalid-proof";
    case ScramError::channel_bindings_dont_match: return "channel-bindings-dont-match";
    case ScramError::server_does_support_channel_binding: return "server-does-support-channel-binding";
    case ScramError::unsupported_channel_binding_type: return "unsupported-channel-binding-type";
    case ScramError::channel_binding_not_supported: return "channel-binding-not-supported";
    case ScramError::invalid_username_encoding: return "invalid-username-encoding";
    }
    return "other-error";
}

ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    std::string const salted_password = core::pbkdf2_sha256(password, salt, iterations);
    return {core::sha256(core::hmac_sha256(salted_password, "Client Key")),
            core::hmac_sha256(salted_password, "Server Key")};
}

// RFC 5802 §7:
//   client-first-message = gs2-header client-first-message-bare
//   gs2-header = gs2-cbind-flag "," [ "a=" saslname ] ","     gs2-cbind-flag = ("p=" cb-name) / "n" / "y"
//   client-first-message-bare = [reserved-mext ","] "n=" saslname "," "r=" c-nonce ["," extensions]
std::expected<ScramExchange, ScramError> ScramExchange::read(std::string_view client_first, ScramBinding binding) {
    ScramExchange exchange;
    std::string_view rest = client_first;
    std::string_view const flag = take_item(rest);
    bool const binds = flag.starts_with("p=");
    if (!binds && flag != "n" && flag != "y") return std::unexpected(ScramError::invalid_encoding);
    if (binds != (binding == ScramBinding::chosen)) return std::unexpected(ScramError::channel_binding_not_supported);
    // §6: the client could bind and saw no -PLUS on offer. If there was, somebody took it out.
    if (flag == "y" && binding == ScramBinding::declined)
        return std::unexpected(ScramError::server_does_support_channel_binding);
    if (binds) exchange.binding_type_ = flag.substr(2);
    if (std::string_view const authorization = take_item(rest); !authorization.empty()) {
        auto const encoded = value_of(authorization, 'a');
        if (!encoded) return std::unexpected(ScramError::invalid_encoding);
        auto name = decode_saslname(*encoded);
        if (!name) return std::unexpected(ScramError::invalid_username_encoding);
        exchange.authorization_identity_ = std::move(*name);
    }
    exchange.gs2_header_ = client_first.substr(0, client_first.size() - rest.size());
    exchange.client_first_bare_ = rest;

    std::string_view const user = take_item(rest);
    if (user.starts_with("m=")) return std::unexpected(ScramError::extensions_not_supported);
    auto const encoded = value_of(user, 'n');
    if (!encoded) return std::unexpected(ScramError::invalid_encoding);
    auto name = decode_saslname(*encoded);
    if (!name) return std::unexpected(ScramError::invalid_username_encoding);
    exchange.username_ = std::move(*name);
    auto const nonce = value_of(take_item(rest), 'r');
    if (!nonce || !is_nonce(*nonce)) return std::unexpected(ScramError::invalid_encoding);
    exchange.nonce_ = *nonce;
    return exchange; // optional extensions are ignored (§5.1)
}

// server-first-message = "r=" c-nonce s-nonce "," "s=" base64 "," "i=" posit-number
std::string ScramExchange::challenge(std::string_view server_nonce, std::string_view salt, std::uint32_t iterations) {
    nonce_ += server_nonce;
    server_first_ = std::format("r={},s={},i={}", nonce_, text::base64_encode(salt), iterations);
    return server_first_;
}

// client-final-message = "c=" base64 "," "r=" nonce ["," extensions] "," "p=" base64
std::expected<std::string, ScramError> ScramExchange::finish(std::string_view client_final, ScramKeys const& keys,
                                                             std::string_view binding) const {
    // The proof is the last item, and is not part of what it proves.
    auto const proof_at = client_final.rfind(",p=");
    if (proof_at == std::string_view::npos) return std::unexpected(ScramError::invalid_encoding);
    std::string_view const without_proof = client_final.substr(0, proof_at);
    auto const proof = text::base64_decode(client_final.substr(proof_at + 3));
    std::string_view rest = without_proof;
    auto const encoded_binding = value_of(take_item(rest), 'c');
    auto const nonce = value_of(take_item(rest), 'r');
    if (!proof || !encoded_binding || !nonce) return std::unexpected(ScramError::invalid_encoding);
    // §7: cbind-input = gs2-header [ cbind-data ]
    if (text::base64_decode(*encoded_binding) != std::string(gs2_header_).append(binding))
        return std::unexpected(ScramError::channel_bindings_dont_match);
    if (*nonce != nonce_) return std::unexpected(ScramError::invalid_encoding);

    // §3: ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage), and H(ClientKey) must be StoredKey.
    std::string const auth_message = std::format("{},{},{}", client_first_bare_, server_first_, without_proof);
    std::string client_key = core::hmac_sha256(keys.stored_key, auth_message);
    if (proof->size() != client_key.size()) return std::unexpected(ScramError::invalid_proof);
    std::ranges::transform(client_key, *proof, client_key.begin(),
                           [](char left, char right) { return static_cast<char>(left ^ right); });
    if (!core::equal_in_constant_time(core::sha256(client_key), keys.stored_key))
        return std::unexpected(ScramError::invalid_proof);
    return "v=" + text::base64_encode(core::hmac_sha256(keys.server_key, auth_message));
}

} // namespace postern::wire

#include "wire/sasl_scram.h"

#include "core/crypto.h"
#include "core/secret.h"
#include "text/base64.h"
#include "text/utf8.h"

#include <algorithm>
#include <charconv>
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

// RFC 5802 §7 posit-number = %x31-39 *DIGIT; nothing beyond what a client bears, either.
std::optional<std::uint32_t> parse_iterations(std::string_view digits) {
    std::uint32_t count = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (count < fewest_scram_iterations || count > most_scram_iterations) return std::nullopt;
    return count;
}

std::string exclusive_or(std::string left, std::string_view right) {
    std::ranges::transform(left, right, left.begin(), [](char l, char r) { return static_cast<char>(l ^ r); });
    return left;
}

// RFC 5802 §3
struct ScramSecrets {
    core::Secret client_key;
    ScramKeys keys;
};

ScramSecrets derive_scram_secrets(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    core::Secret const salted_password(core::pbkdf2_sha256(password, salt, iterations));
    core::Secret client_key(core::hmac_sha256(salted_password.reveal(), "Client Key"));
    ScramKeys keys{core::sha256(client_key.reveal()), core::hmac_sha256(salted_password.reveal(), "Server Key")};
    return {std::move(client_key), std::move(keys)};
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
    return derive_scram_secrets(password, salt, iterations).keys;
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
    std::string const client_signature = core::hmac_sha256(keys.stored_key, auth_message);
    if (proof->size() != client_signature.size()) return std::unexpected(ScramError::invalid_proof);
    std::string const client_key = exclusive_or(client_signature, *proof);
    if (!core::equal_in_constant_time(core::sha256(client_key), keys.stored_key))
        return std::unexpected(ScramError::invalid_proof);
    return "v=" + text::base64_encode(core::hmac_sha256(keys.server_key, auth_message));
}

std::string encode_saslname(std::string_view name) {
    std::string encoded;
    for (char const c : name) {
        if (c == ',')
            encoded += "=2C";
        else if (c == '=')
            encoded += "=3D";
        else
            encoded += c;
    }
    return encoded;
}

ScramClient::ScramClient(std::string_view gs2_cbind_flag, std::string binding, std::string_view username,
                         std::string_view nonce)
    : gs2_header_(std::format("{},,", gs2_cbind_flag)),
      binding_(std::move(binding)),
      nonce_(nonce),
      client_first_bare_(std::format("n={},r={}", encode_saslname(username), nonce)) {}

std::expected<std::string, SaslFault> ScramClient::respond(std::string_view server_first, std::string_view password) {
    std::string_view rest = server_first;
    auto const nonce = value_of(take_item(rest), 'r');
    auto const encoded_salt = value_of(take_item(rest), 's');
    auto const count = value_of(take_item(rest), 'i');
    if (!nonce || !encoded_salt || !count) return std::unexpected(SaslFault::malformed);
    // §5.1: both parts; the server's makes this exchange another than any before.
    if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size() || !is_nonce(*nonce))
        return std::unexpected(SaslFault::malformed);
    auto const salt = text::base64_decode(*encoded_salt);
    if (!salt || salt->empty()) return std::unexpected(SaslFault::malformed);
    auto const iterations = parse_iterations(*count);
    if (!iterations) return std::unexpected(SaslFault::iterations);

    auto const [client_key, keys] = derive_scram_secrets(password, *salt, *iterations);
    std::string const without_proof = std::format("c={},r={}", text::base64_encode(gs2_header_ + binding_), *nonce);
    std::string const auth_message = std::format("{},{},{}", client_first_bare_, server_first, without_proof);
    server_signature_ = core::hmac_sha256(keys.server_key, auth_message);
    std::string const proof = exclusive_or(core::hmac_sha256(keys.stored_key, auth_message), client_key.reveal());
    return std::format("{},p={}", without_proof, text::base64_encode(proof));
}

// §7: server-final-message = (server-error / verifier) ["," extensions]
std::expected<void, SaslFault> ScramClient::verify(std::string_view server_final) const {
    std::string_view const item = take_item(server_final);
    if (value_of(item, 'e')) return std::unexpected(SaslFault::refused);
    auto const verifier = value_of(item, 'v');
    auto const signature = verifier ? text::base64_decode(*verifier) : std::nullopt;
    if (!signature) return std::unexpected(SaslFault::malformed);
    if (server_signature_.empty() || !core::equal_in_constant_time(*signature, server_signature_))
        return std::unexpected(SaslFault::server_not_proven);
    return {};
}

} // namespace postern::wire

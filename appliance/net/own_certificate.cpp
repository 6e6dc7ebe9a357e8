#include "net/own_certificate.h"

#include "core/crypto.h"
#include "net/authority.h"
#include "net/identity_files.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::net {

bool covers(std::string const& certificates, std::string_view host) {
    Certificates parsed;
    if (parsed.parse(certificates)) return false;
    auto const parent = host.substr(std::min(host.find('.'), host.size()));
    return std::ranges::any_of(names_in(parsed.first()), [&](std::string const& name) {
        auto const written = dns_name_of(name);
        return text::iequals(written, host) || (written.starts_with("*.") && text::iequals(written.substr(1), parent));
    });
}

core::WallTime begin_of(std::string const& certificates) {
    Certificates parsed;
    return parsed.parse(certificates) ? core::WallTime{} : time_of(parsed.first().valid_from);
}

core::WallTime end_of(std::string const& certificates) {
    Certificates parsed;
    return parsed.parse(certificates) ? core::WallTime{} : time_of(parsed.first().valid_to);
}

std::string key_digest_of(std::string const& certificates) {
    Certificates parsed;
    return parsed.parse(certificates) ? "" : core::sha256(octets_of(parsed.first().pk_raw));
}

bool is_trusted(std::string const& certificates, std::string const& host, std::string const& authorities) {
    Certificates parsed, trusted;
    if (parsed.parse(certificates) || trusted.parse(authorities)) return false;
    std::uint32_t flags = 0;
    return mbedtls_x509_crt_verify(&parsed.first(), &trusted.first(), nullptr, host.c_str(), &flags, nullptr,
                                   nullptr) == 0;
}

std::expected<void, std::string> keep_certificate(std::filesystem::path const& directory, std::string const& name,
                                                  std::filesystem::path const& certificates,
                                                  std::filesystem::path const& key) {
    auto chain = read_file(certificates);
    if (!chain) return std::unexpected(std::move(chain.error()));
    auto secret = read_file(key);
    if (!secret) return std::unexpected(std::move(secret.error()));
    return save(directory, name, {std::move(*chain).value_or(""), core::Secret(std::move(*secret).value_or(""))});
}

std::expected<std::optional<TlsIdentity>, std::string> load_own_certificate(std::filesystem::path const& directory,
                                                                            std::string const& name,
                                                                            std::string_view host, core::WallTime now) {
    using Failure = std::unexpected<std::string>;
    if (!mbedtls_ready()) return Failure("the system gives no randomness for keys");
    auto loaded = load(directory, name);
    if (!loaded) return Failure(std::move(loaded.error()));
    if (loaded->certificates.empty() && loaded->key.empty()) return std::nullopt;
    Certificates certificates;
    PrivateKey key;
    if (std::error_code const error = certificates.parse(loaded->certificates))
        return Failure(std::format("{}.crt holds no certificate that can be read ({})", name, error.message()));
    if (std::error_code const error = key.parse(loaded->key.reveal()))
        return Failure(std::format("{}.key holds no key that can be read ({})", name, error.message()));
    if (!key.belongs_to(certificates.first()))
        return Failure(std::format("{0}.key is not the key of the first certificate in {0}.crt", name));
    if (auto const end = time_of(certificates.first().valid_to); end < now)
        return Failure(std::format("{}.crt ended on {:%F}", name, end));
    if (!covers(loaded->certificates, host))
        return Failure(std::format("{}.crt is not for {}, as clients know the box", name, host));
    return std::move(*loaded);
}

} // namespace postern::net

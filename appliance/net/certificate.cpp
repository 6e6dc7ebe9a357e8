#include "net/certificate.h"

#include "net/authority.h"
#include "net/identity_files.h"
#include "net/succession.h"

#include <algorithm>
#include <format>
#include <memory>

namespace postern::net {

namespace {

namespace fs = std::filesystem;

constexpr auto renewal_time = std::chrono::days(30);

// The longest of the names we make must still be a domain name (RFC 1035 §2.3.4).
constexpr std::size_t most_domain = 253 - std::string_view("autodiscover.").size();

using Failure = std::unexpected<std::string>;

struct Authority {
    Certificates certificate;
    PrivateKey key;
    bool has_key = false; // and it is the certificate's

    // Null if that is no authority for `domain`.
    static std::unique_ptr<Authority> open(TlsIdentity const& saved, std::string_view domain) {
        auto authority = std::make_unique<Authority>();
        if (authority->certificate.parse(saved.certificates)) return nullptr;
        if (!permits(authority->certificate.name_constraints(), domain)) return nullptr;
        authority->has_key =
            !authority->key.parse(saved.key.reveal()) && authority->key.belongs_to(authority->certificate.first());
        return authority;
    }
};

// Whether clients that trust `authority` will accept it for a good while.
bool is_good(TlsIdentity const& server, Certificates& authority, AlternativeNames const& names, core::WallTime now) {
    Certificates certificate;
    PrivateKey key;
    if (certificate.parse(server.certificates) || key.parse(server.key.reveal())) return false;
    if (!key.belongs_to(certificate.first()) || names_in(certificate.first()) != names) return false;
    if (now < time_of(certificate.first().valid_from) || now > time_of(certificate.first().valid_to) - renewal_time)
        return false;
    std::uint32_t flags = 0;
    mbedtls_x509_crt_verify(&certificate.first(), &authority.first(), nullptr, nullptr, &flags, nullptr, nullptr);
    // The dates were looked at already, and by `now`.
    return (flags & ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE)) == 0;
}

bool is_domain(std::string_view domain) {
    auto const is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !domain.empty() && domain.size() <= most_domain && std::ranges::all_of(domain, is_allowed) &&
           !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
}

} // namespace

std::expected<TlsIdentity, std::string> load_or_make_identity(fs::path const& directory, std::string_view domain,
                                                              std::span<std::string const> others, core::WallTime now,
                                                              core::Random& random) {
    if (!mbedtls_ready()) return Failure("the system gives no randomness for keys");
    if (!is_domain(domain))
        return Failure(std::format("no certificate can be made for \"{}\": not a domain name in lower case", domain));
    std::error_code made;
    if (fs::create_directories(directory, made)) fs::permissions(directory, fs::perms::owner_all, made);
    if (made) return Failure(std::format("cannot make {}: {}", directory.string(), made.message()));
    // Also what was there: who made it may have been killed before its name was safe.
    for (fs::path const& changed : {directory.parent_path(), directory})
        if (auto synced = sync_directory(changed); !synced) return Failure(std::move(synced.error()));

    if (auto completed = complete_succession(directory); !completed) return Failure(std::move(completed.error()));
    auto saved = load(directory, "ca");
    if (!saved) return saved;
    auto server = load(directory, "server");
    if (!server) return server;

    AlternativeNames const names = server_names(domain, others);
    auto authority = Authority::open(*saved, domain);
    if (authority && is_good(*server, authority->certificate, names, now)) return server;

    auto const cannot = [](std::error_code error) {
        return Failure(std::format("cannot make a certificate: {}", error.message()));
    };
    if (!authority || !authority->has_key) {
        // The first start, another domain, or the key is lost: devices must trust the new one.
        auto const fresh = make_authority(domain, random);
        if (!fresh) return cannot(fresh.error());
        if (auto done = save(directory, "ca", *fresh); !done) return Failure(std::move(done.error()));
        authority = Authority::open(*fresh, domain);
    }
    // Clients may have pinned the key, and so it outlives its certificates.
    PrivateKey key;
    if (key.parse(server->key.reveal()))
        if (auto const error = generate(key, random)) return cannot(error);
    auto issued = issue_server_certificate(authority->certificate.first(), authority->key, key, names, now, random);
    if (!issued) return cannot(issued.error());
    if (auto done = save(directory, "server", *issued); !done) return Failure(std::move(done.error()));
    return std::move(*issued);
}

std::expected<ClientCertificate, std::string>
make_client_certificate(fs::path const& directory, std::string_view mail_address, core::Random& random) {
    auto const saved = load(directory, "ca");
    if (!saved) return Failure(saved.error());
    auto const authority = Authority::open(*saved, mail_address.substr(mail_address.rfind('@') + 1));
    if (!authority || !authority->has_key)
        return Failure(std::format("there is no authority with its key in {}", directory.string()));
    auto made = issue_client_certificate(authority->certificate.first(), authority->key, mail_address, random);
    if (!made) return Failure(std::format("cannot make a certificate: {}", made.error().message()));
    return std::move(*made);
}

std::string authority_certificate(fs::path const& directory) {
    auto certificate = read_file(directory / "ca.crt");
    return certificate ? std::move(*certificate).value_or("") : std::string{};
}

} // namespace postern::net

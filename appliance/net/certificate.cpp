#include "net/certificate.h"

#include "core/log.h"
#include "net/authority.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>
#include <memory>
#include <optional>

namespace postern::net {

namespace {

namespace fs = std::filesystem;

constexpr auto renewal_time = std::chrono::days(30);

// The longest of the names we make must still be a domain name (RFC 1035 §2.3.4).
constexpr std::size_t most_domain = 253 - std::string_view("autodiscover.").size();

using Failure = std::unexpected<std::string>;

// Why not: a file that is not there is nothing; a file that cannot be read is an error.
std::expected<std::optional<std::string>, std::string> read_file(fs::path const& path) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        if (error) return Failure(std::format("cannot look at {}: {}", path.string(), error.message()));
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    if (!file) return Failure(std::format("cannot read {}", path.string()));
    return content;
}

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(File const&) = delete;
    File& operator=(File const&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

bool write_whole(int descriptor, std::string_view content) {
    while (!content.empty()) {
        ssize_t const written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// The names in a directory are on flash only once the directory itself is.
std::expected<void, std::string> sync_directory(fs::path const& path) {
    File const directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.descriptor() < 0 || ::fsync(directory.descriptor()) != 0)
        return Failure(std::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    return {};
}

// The whole of it is there after a power cut, or what was there before.
std::expected<void, std::string> write_file(fs::path const& path, std::string_view content, mode_t mode) {
    fs::path const draft = path.string() + ".new";
    ::unlink(draft.c_str()); // left by a power cut
    File const file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    bool const done = file.descriptor() >= 0 && write_whole(file.descriptor(), content) &&
                      ::fsync(file.descriptor()) == 0 && ::rename(draft.c_str(), path.c_str()) == 0;
    if (!done) return Failure(std::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    return sync_directory(path.parent_path());
}

// Key first: a certificate is never there without its key.
std::expected<void, std::string> save(fs::path const& directory, std::string const& name, TlsIdentity const& identity) {
    if (auto saved = write_file(directory / (name + ".key"), identity.key.reveal(), 0600); !saved) return saved;
    if (auto saved = write_file(directory / (name + ".crt"), identity.certificates, 0644); !saved) return saved;
    core::log(core::Event::certificate_made, {{"file", (directory / (name + ".crt")).string()}});
    return {};
}

// Empty halves where files are missing.
std::expected<TlsIdentity, std::string> load(fs::path const& directory, std::string const& name) {
    auto certificates = read_file(directory / (name + ".crt"));
    if (!certificates) return Failure(std::move(certificates.error()));
    auto key = read_file(directory / (name + ".key"));
    if (!key) return Failure(std::move(key.error()));
    return TlsIdentity{std::move(*certificates).value_or(""), core::Secret(std::move(*key).value_or(""))};
}

std::expected<TlsIdentity, std::string> check_own(TlsIdentity identity, fs::path const& directory) {
    Certificates certificates;
    PrivateKey key;
    std::string const advice = std::format("repair it, or remove own.crt and own.key from {} to use the box's own "
                                           "certificate",
                                           directory.string());
    if (std::error_code const error = certificates.parse(identity.certificates))
        return Failure(std::format("own.crt holds no certificate that can be read ({}); {}", error.message(), advice));
    if (std::error_code const error = key.parse(identity.key.reveal()))
        return Failure(std::format("own.key holds no key that can be read ({}); {}", error.message(), advice));
    if (!key.belongs_to(certificates.first()))
        return Failure(std::format("own.key is not the key of the first certificate in own.crt; {}", advice));
    return identity;
}

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
                                                              std::span<std::string const> addresses,
                                                              core::WallTime now, core::Random& random) {
    if (!mbedtls_ready()) return Failure("the system gives no randomness for keys");
    if (!is_domain(domain))
        return Failure(std::format("no certificate can be made for \"{}\": not a domain name in lower case", domain));
    std::error_code made;
    if (fs::create_directories(directory, made)) fs::permissions(directory, fs::perms::owner_all, made);
    if (made) return Failure(std::format("cannot make {}: {}", directory.string(), made.message()));
    // Also what was there: who made it may have been killed before its name was safe.
    for (fs::path const& changed : {directory.parent_path(), directory})
        if (auto synced = sync_directory(changed); !synced) return Failure(std::move(synced.error()));

    auto own = load(directory, "own");
    if (!own) return own;
    bool const has_own = !own->certificates.empty() || !own->key.empty();
    auto saved = load(directory, "ca");
    if (!saved) return saved;
    auto server = load(directory, "server");
    if (!server) return server;

    AlternativeNames const names = server_names(domain, addresses);
    auto authority = Authority::open(*saved, domain);
    if (!has_own && authority && is_good(*server, authority->certificate, names, now)) return server;

    auto const cannot = [](std::error_code error) {
        return Failure(std::format("cannot make a certificate: {}", error.message()));
    };
    if (has_own ? saved->certificates.empty() : !authority || !authority->has_key) {
        // The first start, another domain, or the key is lost: devices must trust the new one.
        auto const fresh = make_authority(domain, random);
        if (!fresh) return cannot(fresh.error());
        if (auto done = save(directory, "ca", *fresh); !done) return Failure(std::move(done.error()));
        authority = Authority::open(*fresh, domain);
    }
    if (has_own) return check_own(std::move(*own), directory);
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

bool has_own_certificate(fs::path const& directory) {
    auto const own = load(directory, "own");
    return own && !own->certificates.empty();
}

} // namespace postern::net

#include "net/identity_files.h"

#include "core/log.h"

#include <utility>

namespace postern::net {

namespace fs = std::filesystem;

using Failure = std::unexpected<std::string>;

std::expected<void, std::string> save(fs::path const& directory, std::string const& name, TlsIdentity const& identity) {
    if (auto saved = write_file(directory / (name + ".key"), identity.key.reveal(), 0600); !saved) return saved;
    if (auto saved = write_file(directory / (name + ".crt"), identity.certificates, 0644); !saved) return saved;
    core::log(core::Event::certificate_made, {{"file", (directory / (name + ".crt")).string()}});
    return {};
}

std::expected<TlsIdentity, std::string> load(fs::path const& directory, std::string const& name) {
    auto certificates = read_file(directory / (name + ".crt"));
    if (!certificates) return Failure(std::move(certificates.error()));
    auto key = read_file(directory / (name + ".key"));
    if (!key) return Failure(std::move(key.error()));
    return TlsIdentity{std::move(*certificates).value_or(""), core::Secret(std::move(*key).value_or(""))};
}

} // namespace postern::net

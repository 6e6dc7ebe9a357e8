#include "net/succession.h"

#include "core/log.h"
#include "net/authority.h"
#include "net/identity_files.h"

#include <chrono>
#include <format>
#include <utility>

namespace postern::net {

namespace {

namespace fs = std::filesystem;
using Failure = std::unexpected<std::string>;

std::string content_of(fs::path const& path) {
    auto content = read_file(path);
    return content ? std::move(*content).value_or("") : std::string{};
}

std::expected<void, std::string> erase(fs::path const& path) {
    std::error_code error;
    fs::remove(path, error);
    if (error) return Failure(std::format("cannot remove {}: {}", path.string(), error.message()));
    return sync_directory(path.parent_path());
}

void tell(std::string_view change) { core::log(core::Event::authority_changed, {{"change", change}}); }

} // namespace

std::expected<void, std::string> prepare_next_authority(fs::path const& directory, std::string_view domain,
                                                        core::WallTime now, core::Random& random) {
    if (next_authority_since(directory)) return {};
    Certificates present;
    // Until when both are there is counted from now.
    if (!present.parse(content_of(directory / "ca.crt")) && now < time_of(present.first().valid_from))
        return Failure("the box's clock is wrong: set it first");
    auto const made = make_authority(domain, random, now);
    if (!made) return Failure(std::format("cannot make an authority: {}", made.error().message()));
    return save(directory, "next", *made).transform([] { tell("there is a next one, which devices are to trust"); });
}

std::optional<core::WallTime> next_authority_since(fs::path const& directory) {
    std::error_code error;
    auto const written = fs::last_write_time(directory / "next.crt", error);
    if (error) return std::nullopt;
    return std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(written));
}

// The key that is copied first says what was begun.
std::expected<void, std::string> begin_with_next_authority(fs::path const& directory) {
    auto const next = load(directory, "next");
    if (!next) return Failure(next.error());
    Certificates certificate;
    PrivateKey key;
    if (certificate.parse(next->certificates) || key.parse(next->key.reveal()) || !key.belongs_to(certificate.first()))
        return Failure(std::format("there is no next authority in {}", directory.string()));
    std::string const present = content_of(directory / "ca.crt");
    std::string old = content_of(directory / "old.crt");
    if (!old.starts_with(present)) old.insert(0, present);
    if (auto kept = write_file(directory / "old.crt", old, 0644); !kept) return kept;
    if (auto begun = write_file(directory / "ca.key", next->key.reveal(), 0600); !begun) return begun;
    return complete_succession(directory);
}

std::expected<void, std::string> complete_succession(fs::path const& directory) {
    auto const next = load(directory, "next");
    if (!next) return Failure(next.error());
    auto const present = load(directory, "ca");
    if (!present) return Failure(present.error());
    if (next->certificates.empty() || next->key.empty() || !(next->key == present->key)) return {};
    if (auto taken = write_file(directory / "ca.crt", next->certificates, 0644); !taken) return taken;
    // The certificate first: without it there is no next one.
    for (char const* name : {"next.crt", "next.key"})
        if (auto gone = erase(directory / name); !gone) return gone;
    tell("the next one signs now");
    return {};
}

bool has_old_authority(fs::path const& directory) { return !content_of(directory / "old.crt").empty(); }

std::expected<void, std::string> forget_old_authorities(fs::path const& directory) {
    if (!has_old_authority(directory)) return Failure("there was no other authority before");
    return erase(directory / "old.crt").transform([] { tell("those before are forgotten"); });
}

std::string trusted_authorities(fs::path const& directory) {
    return content_of(directory / "ca.crt") + content_of(directory / "next.crt");
}

std::string client_authorities(fs::path const& directory) {
    return trusted_authorities(directory) + content_of(directory / "old.crt");
}

} // namespace postern::net

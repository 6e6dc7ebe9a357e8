#include "net/identity_files.h"

#include "core/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>
#include <iterator>
#include <utility>

namespace postern::net {

namespace fs = std::filesystem;

namespace {

using Failure = std::unexpected<std::string>;

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

} // namespace

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

std::expected<void, std::string> sync_directory(fs::path const& path) {
    File const directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.descriptor() < 0 || ::fsync(directory.descriptor()) != 0)
        return Failure(std::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    return {};
}

std::expected<void, std::string> write_file(fs::path const& path, std::string_view content, mode_t mode) {
    fs::path const draft = path.string() + ".new";
    ::unlink(draft.c_str()); // left by a power cut
    File const file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    bool const done = file.descriptor() >= 0 && write_whole(file.descriptor(), content) &&
                      ::fsync(file.descriptor()) == 0 && ::rename(draft.c_str(), path.c_str()) == 0;
    if (!done) return Failure(std::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    return sync_directory(path.parent_path());
}

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

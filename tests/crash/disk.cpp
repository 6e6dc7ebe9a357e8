#include "disk.h"

#include <algorithm>
#include <format>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace postern::crash {

namespace fs = std::filesystem;

namespace {

std::string read_file(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

void Disk::begin(Record const& record) {
    switch (record.kind) {
    case Kind::create:
    case Kind::make_directory:
        change_names(record.path, [&](Names& names, std::string const& name) {
            names[name] = std::make_shared<Node>(Node{.is_directory = record.kind == Kind::make_directory});
        });
        break;
    case Kind::remove:
        change_names(record.path, [](Names& names, std::string const& name) { names.erase(name); });
        break;
    case Kind::rename: {
        auto const [directory, source] = split(record.path);
        auto const node = directory->newest_names().at(source);
        if (directory == split(record.data).first) {
            change_names(record.data, [&](Names& names, std::string const& target) {
                names.erase(source);
                names[target] = node;
            });
            break;
        }
        // Two directories, each of which is made sure by itself.
        change_names(record.data, [&](Names& names, std::string const& target) { names[target] = node; });
        change_names(record.path, [](Names& names, std::string const& name) { names.erase(name); });
        break;
    }
    case Kind::write:
    case Kind::write_through: write(find(record.path), record.number, record.data); break;
    case Kind::resize: resize(find(record.path), record.number); break;
    case Kind::sync:
    case Kind::sync_data:
    case Kind::sync_all:
    case Kind::mark: break;
    }
}

void Disk::finish(Record const& record) {
    switch (record.kind) {
    case Kind::write_through: make_sure(find(record.path), record.number, record.data.size()); break;
    case Kind::sync:
    case Kind::sync_data: make_sure(find(record.path)); break;
    case Kind::sync_all: make_all_sure(root_); break;
    case Kind::create:
    case Kind::make_directory:
    case Kind::remove:
    case Kind::rename:
    case Kind::write:
    case Kind::resize:
    case Kind::mark: break;
    }
}

Disk::Node& Disk::find(std::string_view path) {
    Node* node = &root_;
    for (fs::path const& name : fs::path(path)) {
        auto const& names = node->newest_names();
        auto const at = names.find(name.native());
        if (at == names.end()) throw std::runtime_error(std::format("{} is not there", path));
        node = at->second.get();
    }
    return *node;
}

std::pair<Disk::Node*, std::string> Disk::split(std::string_view path) {
    fs::path const whole(path);
    return {&find(whole.parent_path().native()), whole.filename()};
}

void Disk::change_names(std::string_view path, std::function<void(Names&, std::string const&)> const& change) {
    auto const [directory, name] = split(path);
    Names names = directory->newest_names();
    change(names, name);
    directory->names.push_back(std::move(names));
}

void Disk::write(Node& file, std::uint64_t offset, std::string_view octets) {
    if (octets.empty()) return;
    std::uint64_t const end = offset + octets.size();
    if (end > file.newest.size()) {
        file.newest.resize(end);
        file.sizes.push_back(end);
    }
    file.newest.replace(offset, octets.size(), octets);
    ++time_;
    for (std::uint64_t sector = offset / sector_size; sector * sector_size < end; ++sector) {
        Version version{time_, {}};
        std::uint64_t const begin = sector * sector_size;
        file.newest.copy(version.octets.data(), sector_size, begin);
        file.sectors[sector].push_back(version);
    }
}

void Disk::resize(Node& file, std::uint64_t size) {
    std::uint64_t const before = file.newest.size();
    if (size < before) write(file, size, std::string(before - size, '\0')); // should it grow again
    file.newest.resize(size);
    file.sizes.push_back(size);
}

void Disk::make_sure(Node& node) {
    if (node.is_directory) {
        node.sure_names = node.newest_names();
        node.names.clear();
        return;
    }
    node.sure.resize(node.newest.size());
    for (auto const& [sector, versions] : node.sectors) {
        std::uint64_t const begin = sector * sector_size;
        if (begin < node.sure.size()) node.newest.copy(node.sure.data() + begin, sector_size, begin);
    }
    node.sectors.clear();
    node.sizes.clear();
}

void Disk::make_sure(Node& file, std::uint64_t offset, std::uint64_t size) {
    std::uint64_t const end = offset + size;
    if (end > file.sure.size()) {
        file.sure.resize(end);
        std::erase_if(file.sizes, [&](std::uint64_t one) { return one <= end; });
    }
    for (std::uint64_t sector = offset / sector_size; sector * sector_size < end; ++sector) {
        std::uint64_t const begin = sector * sector_size;
        file.newest.copy(file.sure.data() + begin, std::min(sector_size, file.sure.size() - begin), begin);
        file.sectors.erase(sector);
    }
}

void Disk::make_all_sure(Node& node) {
    make_sure(node);
    for (auto const& [name, child] : node.sure_names) make_all_sure(*child);
}

std::string Disk::content(Node const& file, PowerCut const& cut) {
    std::string octets = file.sure;
    for (auto at = file.sectors.begin(); at != file.sectors.end();) {
        std::uint64_t const unit = at->first * sector_size / cut.unit;
        auto end = at;
        std::set<std::uint64_t> times{0};
        for (; end != file.sectors.end() && end->first * sector_size / cut.unit == unit; ++end)
            for (Version const& version : end->second) times.insert(version.time);
        std::uint64_t const when = *std::next(times.begin(), static_cast<long>(cut.survivor(times.size())));
        for (; at != end; ++at) {
            auto const later = std::ranges::upper_bound(at->second, when, {}, &Version::time);
            if (later == at->second.begin()) continue;
            std::uint64_t const begin = at->first * sector_size;
            if (octets.size() < begin + sector_size) octets.resize(begin + sector_size);
            octets.replace(begin, sector_size, std::prev(later)->octets.data(), sector_size);
        }
    }
    std::size_t const size = cut.survivor(file.sizes.size() + 1);
    octets.resize(size == 0 ? file.sure.size() : file.sizes[size - 1]);
    return octets;
}

void Disk::write_out(fs::path const& directory, PowerCut const& cut) const { write_out(root_, directory, cut); }

void Disk::write_out(Node const& node, fs::path const& directory, PowerCut const& cut) {
    fs::create_directories(directory);
    fs::permissions(directory, fs::perms::owner_all);
    std::size_t const version = cut.survivor(node.names.size() + 1);
    for (auto const& [name, child] : version == 0 ? node.sure_names : node.names[version - 1]) {
        if (child->is_directory) {
            write_out(*child, directory / name, cut);
            continue;
        }
        std::ofstream file(directory / name, std::ios::binary);
        file << content(*child, cut);
        if (!file.flush()) throw std::runtime_error(std::format("cannot write {}", (directory / name).native()));
        fs::permissions(directory / name, fs::perms::owner_read | fs::perms::owner_write);
    }
}

std::string Disk::difference(fs::path const& directory, std::string_view ignored) const {
    return difference(root_, directory, ignored);
}

std::string Disk::difference(Node const& node, fs::path const& directory, std::string_view ignored) {
    Names const& names = node.newest_names();
    for (auto const& entry : fs::directory_iterator(directory))
        if (!entry.is_socket() && !names.contains(entry.path().filename().native()))
            return std::format("{} was made unseen", entry.path().native());
    for (auto const& [name, child] : names) {
        fs::path const path = directory / name;
        if (!fs::exists(path)) return std::format("{} was removed unseen", path.native());
        if (child->is_directory) {
            if (auto const found = difference(*child, path, ignored); !found.empty()) return found;
        } else if (name != ignored && child->newest != read_file(path)) {
            return std::format("{} was written unseen", path.native());
        }
    }
    return {};
}

} // namespace postern::crash

#include "store/pages.h"

#include "store/lmdb.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <format>
#include <map>
#include <utility>

namespace postern::store {

namespace {

// LMDB writes numbers as its machine does.
static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t no_page = ~std::uint64_t{0};
constexpr std::uint64_t first_page = 2; // after the meta pages

constexpr std::uint16_t branch_page = 0x01, leaf_page = 0x02, overflow_page = 0x04, meta_page = 0x08;
constexpr std::uint16_t big_value = 0x01, table_value = 0x02;
constexpr std::size_t page_header = 16, node_header = 8, longest_key = 511;
constexpr unsigned deepest = 32; // LMDB's own limit

// A transaction takes no more pages than this, and the last of them, if it does not use them, it does not write.
constexpr std::uint64_t most_unwritten = 1 << 17;

constexpr std::uint32_t meta_magic = 0xbeefc0de, meta_version = 1;
static_assert(meta_page_octets == page_header + 136);
constexpr std::size_t tree_octets = 48;

template <typename Number> Number number_at(std::string_view octets, std::size_t offset) {
    Number number;
    std::memcpy(&number, octets.data() + offset, sizeof number);
    return number;
}

// Which pages somebody has.
class PageSet {
public:
    explicit PageSet(std::uint64_t last_page) : taken_(last_page + 1) {}
    bool take(std::uint64_t page) { // whether nobody had it
        bool const free = !taken_[page];
        taken_[page] = true;
        return free;
    }

private:
    std::vector<bool> taken_;
};

PageTree tree_at(std::string_view octets, std::size_t offset) {
    PageTree tree;
    tree.number_keys = (number_at<std::uint16_t>(octets, offset + 4) & 0x08) != 0;
    tree.depth = number_at<std::uint16_t>(octets, offset + 6);
    tree.entries = number_at<std::uint64_t>(octets, offset + 32);
    tree.root = number_at<std::uint64_t>(octets, offset + 40);
    return tree;
}

// What an administrator may make of a key.
std::string describe(Table table, std::string_view key) {
    switch (table) {
    case Table::message:
    case Table::reference:
    case Table::garbage: return std::format("message {}", u64_at(key, 0).value_or(0));
    case Table::mailbox:
        if (key.size() == 9 && key[4] == static_cast<char>(MailboxRow::index))
            return std::format("mailbox {} UID {}", u32_at(key, 0).value_or(0), u32_at(key, 5).value_or(0));
        return std::format("mailbox {}", u32_at(key, 0).value_or(0));
    case Table::account:
    case Table::name:
    case Table::grant:
    case Table::subscription:
    case Table::metadata: return std::format("account {}", u32_at(key, 0).value_or(0));
    case Table::queue:
    case Table::audit: return std::format("number {}", u64_at(key, 0).value_or(0));
    case Table::meta:
    case Table::alias:
    case Table::relay:
    case Table::upstream:
    case Table::dns_name:
    case Table::fetch_source:
    case Table::setting: break;
    case Table::fetched: return std::string(key.substr(0, key.find('\0')));
    }
    return std::string(key);
}

} // namespace

// One tree, from its root down.
class PageFile::Walk {
public:
    Walk(PageFile const& file, MetaPage const& meta, std::string_view name, std::optional<Table> table,
         Complain const& complain, PageSet* used, bool big_headers)
        : file_(file),
          meta_(meta),
          name_(name),
          table_(table),
          complain_(complain),
          used_(used),
          big_headers_(big_headers) {}

    // visit: void(key, flags, value in the page, octets of the value, page of the value)
    template <typename Visit> void run(PageTree const& tree, Visit const& visit) {
        bool const empty = tree.root == no_page;
        if (empty != (tree.depth == 0) || tree.depth >= deepest) return complain("its root is damaged");
        number_keys_ = tree.number_keys;
        if (!empty) go(tree.root, tree.depth, "", std::nullopt, true, visit);
        if (whole_ && rows_ != tree.entries) complain(std::format("it says {} rows and has {}", tree.entries, rows_));
    }

    // The octets of a value that has pages of its own.
    std::optional<std::string> big(std::uint64_t page, std::size_t size) const {
        std::string octets(size, '\0');
        if (!file_.read_at(page * file_.page_size_ + page_header, octets.data(), size)) return std::nullopt;
        return octets;
    }

private:
    struct Node {
        std::uint16_t flags = 0;
        std::uint32_t size = 0;  // of the value
        std::uint64_t child = 0; // below a branch
        std::string_view key;
        std::string_view value; // as far as it lies in the page
    };

    void complain(std::string_view what) {
        whole_ = false;
        complain_(std::format("table {}: {}", name_, what));
    }

    // Takes a page for this tree; nobody else may have it.
    bool take(std::uint64_t page, std::uint64_t count) {
        if (page < first_page || page > meta_.last_page || count - 1 > meta_.last_page - page) return false;
        if (!used_) return true;
        for (std::uint64_t at = page; at < page + count; ++at)
            if (!used_->take(at)) return false;
        return true;
    }

    [[nodiscard]] bool less(std::string_view a, std::string_view b) const {
        if (number_keys_ && a.size() == 8 && b.size() == 8)
            return number_at<std::uint64_t>(a, 0) < number_at<std::uint64_t>(b, 0);
        return a < b;
    }

    // The nodes of a page, or why there are none.
    std::expected<std::vector<Node>, std::string_view> nodes(std::string_view page, std::uint64_t number, bool leaf,
                                                             bool root) const {
        if (number_at<std::uint64_t>(page, 0) != number) return std::unexpected("it has another number");
        if (number_at<std::uint16_t>(page, 10) != (leaf ? leaf_page : branch_page))
            return std::unexpected("it is of another kind");
        std::size_t const lower = number_at<std::uint16_t>(page, 12);
        std::size_t const upper = number_at<std::uint16_t>(page, 14);
        if (lower < page_header || lower > upper || upper > page.size() || lower % 2 != 0)
            return std::unexpected("its bounds are wrong");
        std::size_t const count = (lower - page_header) / 2;
        if (count < (leaf ? 1U : 2U) && !(root && leaf)) return std::unexpected("it is empty");
        std::vector<Node> nodes(count);
        std::size_t octets = 0;
        for (std::size_t i = 0; i < count; ++i) {
            std::size_t const at = number_at<std::uint16_t>(page, page_header + 2 * i);
            if (at < upper || at % 2 != 0 || at + node_header > page.size())
                return std::unexpected("a row lies outside");
            Node& node = nodes[i];
            std::uint32_t const low = number_at<std::uint16_t>(page, at);
            std::uint32_t const high = number_at<std::uint16_t>(page, at + 2);
            std::size_t const key = number_at<std::uint16_t>(page, at + 6);
            node.flags = number_at<std::uint16_t>(page, at + 4);
            node.size = leaf ? low | high << 16 : 0;
            node.child = low | high << 16 | std::uint64_t{node.flags} << 32;
            std::size_t const value = !leaf ? 0 : (node.flags & big_value) != 0 ? 8 : node.size;
            std::size_t const size = node_header + key + value;
            if (key > longest_key || size > page.size() - at) return std::unexpected("a row is too long");
            if (leaf && (node.flags & ~(big_value | table_value)) != 0) return std::unexpected("a row is of no kind");
            node.key = page.substr(at + node_header, key);
            node.value = page.substr(at + node_header + key, value);
            octets += size + size % 2;
            // A branch's first key stands for whatever is below.
            std::size_t const first = leaf ? 0 : 1;
            if (i >= first && key == 0) return std::unexpected("a key is empty");
            if (i > first && !less(nodes[i - 1].key, node.key)) return std::unexpected("its keys are out of order");
        }
        if (octets != page.size() - upper) return std::unexpected("its rows do not fill it");
        return nodes;
    }

    // All keys below a page are at or after `from` and before `to`.
    template <typename Visit>
    void go(std::uint64_t number, unsigned levels, std::string const& from, std::optional<std::string> const& to,
            bool root, Visit const& visit) {
        bool const leaf = levels == 1;
        std::string page(file_.page_size_, '\0');
        auto const lost = [&](std::string_view why) {
            std::string rows = table_ && (to || !from.empty()) ? "the rows" : "all of its rows";
            if (table_ && !from.empty()) rows += " from " + describe(*table_, from);
            if (table_ && to) rows += " to " + describe(*table_, *to);
            complain(std::format("page {} is damaged ({}): {} cannot be read", number, why, rows));
        };
        if (!take(number, 1)) return lost("it belongs to something else");
        if (!file_.read_at(number * page.size(), page.data(), page.size())) return lost("the disk does not give it");
        auto const found = nodes(page, number, leaf, root);
        if (!found) return lost(found.error());
        if (!found->empty()) {
            auto const& first = leaf || found->size() < 2 ? found->front() : (*found)[1];
            if ((!from.empty() && less(first.key, from)) || (to && !less(found->back().key, *to)))
                return lost("its keys belong elsewhere");
        }
        for (std::size_t i = 0; i < found->size(); ++i) {
            Node const& node = (*found)[i];
            if (!leaf) {
                auto const last = i + 1 == found->size();
                go(node.child, levels - 1, i == 0 ? from : std::string(node.key),
                   last ? to : std::optional(std::string((*found)[i + 1].key)), false, visit);
                continue;
            }
            ++rows_;
            bool const has_pages = (node.flags & big_value) != 0;
            std::uint64_t const big = has_pages ? number_at<std::uint64_t>(node.value, 0) : 0;
            if (has_pages && !holds_big(big, node.size)) {
                complain(std::format("the value at {} is damaged", table_ ? describe(*table_, node.key) : "a name"));
                continue;
            }
            visit(node.key, node.flags, node.value, node.size, big);
        }
    }

    bool holds_big(std::uint64_t page, std::uint64_t size) {
        std::uint64_t const count = (page_header - 1 + size) / file_.page_size_ + 1;
        if (!take(page, count)) return false;
        if (!big_headers_) return true;
        std::array<char, page_header> octets{};
        if (!file_.read_at(page * file_.page_size_, octets.data(), octets.size())) return false;
        std::string_view const header(octets.data(), octets.size());
        return number_at<std::uint64_t>(header, 0) == page && number_at<std::uint16_t>(header, 10) == overflow_page &&
               number_at<std::uint32_t>(header, 12) == count;
    }

    PageFile const& file_;
    MetaPage const& meta_;
    std::string_view name_;
    std::optional<Table> table_;
    Complain const& complain_;
    PageSet* used_;
    bool const big_headers_;
    bool number_keys_ = false;
    bool whole_ = true;
    std::uint64_t rows_ = 0;
};

std::optional<MetaPage> decode_meta_page(std::string_view octets) {
    constexpr std::size_t at = page_header;
    if ((number_at<std::uint16_t>(octets, 10) & meta_page) == 0 || number_at<std::uint32_t>(octets, at) != meta_magic ||
        number_at<std::uint32_t>(octets, at + 4) != meta_version)
        return std::nullopt;
    MetaPage meta;
    meta.page_size = number_at<std::uint32_t>(octets, at + 24);
    if (!std::has_single_bit(meta.page_size) || meta.page_size < 512 || meta.page_size > 65536) return std::nullopt;
    meta.unused = tree_at(octets, at + 24);
    meta.unused.number_keys = true;
    meta.main = tree_at(octets, at + 24 + tree_octets);
    meta.last_page = number_at<std::uint64_t>(octets, at + 24 + 2 * tree_octets);
    meta.transaction = number_at<std::uint64_t>(octets, at + 32 + 2 * tree_octets);
    return meta;
}

PageFile::PageFile(std::filesystem::path const& data_file) : file_(::open(data_file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) throw Failure(StoreError::failed, std::format("{}: {}", data_file.native(), std::strerror(errno)));
    read_metas();
    if (!metas_.empty()) return;
    ::close(file_);
    damaged(std::format("{}: neither of its first two pages can be read", data_file.native()));
}

PageFile::~PageFile() { ::close(file_); }

bool PageFile::read_at(std::uint64_t offset, char* to, std::size_t size) const {
    while (size > 0) {
        auto const got = ::pread(file_, to, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to += got;
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

void PageFile::read_metas() {
    // The page size stands in each meta page; where the first is lost, the second is looked for at the usual places.
    auto const look = [&](std::uint64_t offset) {
        std::array<char, meta_page_octets> octets{};
        if (!read_at(offset, octets.data(), octets.size())) return;
        auto const meta = decode_meta_page({octets.data(), octets.size()});
        if (!meta || (offset != 0 && offset != meta->page_size)) return;
        auto const end = ::lseek(file_, 0, SEEK_END);
        if (end < 0 || meta->last_page > static_cast<std::uint64_t>(end) / meta->page_size + most_unwritten) return;
        page_size_ = meta->page_size;
        metas_.push_back(*meta);
    };
    look(0);
    if (page_size_ != 0)
        look(page_size_);
    else
        for (std::uint64_t size = 512; size <= 65536 && metas_.empty(); size *= 2) look(size);
    std::ranges::sort(metas_, std::ranges::greater(), &MetaPage::transaction);
}

void PageFile::check(MetaPage const& meta, bool bodies, Complain const& complain) {
    PageSet used(meta.last_page);
    std::map<std::string, PageTree> tables;
    Walk main(*this, meta, "of tables", std::nullopt, complain, &used, true);
    main.run(meta.main, [&](std::string_view key, std::uint16_t flags, std::string_view value, std::uint64_t, auto) {
        if (flags == table_value && value.size() == tree_octets) tables[std::string(key)] = tree_at(value, 0);
    });
    std::uint64_t schema = schema_version;
    if (auto const found = tables.find(std::string(table_name(Table::meta))); found != tables.end()) {
        Complain const quiet = [](std::string const&) {}; // it is walked again
        Walk walk(*this, meta, table_name(Table::meta), Table::meta, quiet, nullptr, false);
        walk.run(found->second, [&](std::string_view key, auto, std::string_view value, std::uint64_t, auto) {
            if (key == meta_schema) schema = u64_at(value, 0).value_or(schema);
        });
    }
    for (std::size_t i = 0; i < table_count; ++i) {
        auto const table = static_cast<Table>(i);
        auto const found = tables.find(std::string(table_name(table)));
        if (found == tables.end()) {
            if (came_with(table) > schema) continue;
            complain(std::format("table {}: it is not there", table_name(table)));
            continue;
        }
        Walk walk(*this, meta, table_name(table), table, complain, &used, bodies);
        walk.run(found->second, [](std::string_view, auto, std::string_view, std::uint64_t, auto) {});
    }
    // What is in use must not be handed out again.
    Walk unused(*this, meta, "of unused pages", std::nullopt, complain, &used, true);
    bool good = true;
    unused.run(meta.unused, [&](std::string_view, auto, std::string_view value, std::uint64_t size, std::uint64_t big) {
        std::string const list = big == 0 ? std::string(value) : unused.big(big, size).value_or("");
        std::uint64_t const count = list.size() / 8;
        if (count == 0 || list.size() % 8 != 0 || number_at<std::uint64_t>(list, 0) != count - 1) good = false;
        for (std::uint64_t i = 1; i < count && good; ++i) {
            auto const page = number_at<std::uint64_t>(list, 8 * i);
            good = page >= first_page && page <= meta.last_page && used.take(page);
        }
    });
    if (!good) complain("table of unused pages: it names pages that are in use");
}

void PageFile::read(MetaPage const& meta, Table table, Visit const& visit, Complain const& complain) {
    std::optional<PageTree> tree;
    Complain const quiet = [](std::string const&) {};
    Walk main(*this, meta, "of tables", std::nullopt, quiet, nullptr, true);
    main.run(meta.main, [&](std::string_view key, std::uint16_t flags, std::string_view value, std::uint64_t, auto) {
        if (key == table_name(table) && flags == table_value && value.size() == tree_octets) tree = tree_at(value, 0);
    });
    if (!tree) return complain(std::format("table {}: it cannot be found", table_name(table)));
    Walk walk(*this, meta, table_name(table), table, complain, nullptr, false);
    walk.run(*tree, [&](std::string_view key, auto, std::string_view value, std::uint64_t size, std::uint64_t big) {
        visit(key, [&]() -> std::optional<std::string> { return big == 0 ? std::string(value) : walk.big(big, size); });
    });
}

} // namespace postern::store

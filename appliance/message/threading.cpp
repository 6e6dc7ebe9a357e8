#include "message/threading.h"

#include <algorithm>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace postern::message {
namespace {

using std::chrono::sys_seconds;

using Index = std::uint32_t;
constexpr Index none = ~Index{0};

// RFC 5256 §3, REFERENCES, step by step. Nodes are the messages, and after them those that are only referred to.
class Forest {
public:
    explicit Forest(std::vector<Threaded> const& messages) : messages_(messages), nodes_(messages.size()) {
        std::size_t ids = messages.size();
        for (Threaded const& message : messages) ids += message.keys.references.size();
        by_id_.reserve(ids);
        link_all();
        for (Index at = 0; at < nodes_.size(); ++at) {
            Index const parent = nodes_[at].parent;
            (parent == none ? roots_ : nodes_[parent].replies).push_back(at);
        }
        prune();
    }

    // Steps (4) to (6).
    std::vector<ThreadNode> by_references() {
        sort_replies();
        sort_by_sent(roots_);
        gather_subjects();
        sort_replies();
        sort_by_sent(roots_);
        return flat();
    }

    // What comes last is the thread with the newest message.
    std::vector<ThreadNode> by_arrival() {
        sort_replies();
        std::vector<std::pair<sys_seconds, Index>> newest;
        std::vector<Index> tree;
        for (Index const root : roots_) {
            sys_seconds latest = sys_seconds::min();
            tree.clear();
            add_tree(root, tree);
            for (Index const at : tree)
                if (is_message(at)) latest = std::max(latest, messages_[at].received);
            newest.emplace_back(latest, root);
        }
        std::ranges::stable_sort(
            newest, {}, [this](auto const& thread) { return std::pair(thread.first, first_message(thread.second)); });
        std::ranges::transform(newest, roots_.begin(), &std::pair<sys_seconds, Index>::second);
        return flat();
    }

private:
    struct Node {
        Index parent = none;
        bool has_replies = false; // while messages are linked
        Index replaced_by = none; // at the root, when subjects were gathered
        std::vector<Index> replies;
    };

    [[nodiscard]] bool is_message(Index at) const { return at < messages_.size(); }

    // Step (1). An id that two messages have counts for the first of them.
    void link_all() {
        for (Index at = 0; at < messages_.size(); ++at)
            if (auto const id = messages_[at].keys.id) by_id_.try_emplace(*id, at);
        for (Index at = 0; at < messages_.size(); ++at) {
            Index parent = none;
            for (ReferenceHash const reference : messages_[at].keys.references) {
                Index const child = node_of(reference);
                // (A) Links that are there already stay.
                if (parent != none && nodes_[child].parent == none && may_link(child, parent)) link(child, parent);
                parent = child;
            }
            // (B) The message itself says best what it is a reply to.
            if (parent != none && may_link(at, parent)) link(at, parent);
        }
    }

    Index node_of(ReferenceHash id) {
        auto const [found, is_new] = by_id_.try_emplace(id, static_cast<Index>(nodes_.size()));
        if (is_new) nodes_.emplace_back();
        return found->second;
    }

    // Whether `parent` is neither `child` nor among its replies.
    [[nodiscard]] bool may_link(Index child, Index parent) const {
        if (child == parent) return false;
        if (!nodes_[child].has_replies) return true;
        std::size_t steps = 0;
        for (Index at = parent; at != none; at = nodes_[at].parent)
            if (at == child || ++steps > chain_limit) return false;
        return true;
    }

    void link(Index child, Index parent) {
        nodes_[child].parent = parent;
        nodes_[parent].has_replies = true;
    }

    // `root` and all below it, each before its replies.
    void add_tree(Index root, std::vector<Index>& found) const {
        std::vector<Index> open;
        for (Index at = root;;) {
            found.push_back(at);
            open.insert(open.end(), nodes_[at].replies.rbegin(), nodes_[at].replies.rend());
            if (open.empty()) return;
            at = open.back();
            open.pop_back();
        }
    }

    // All of the forest, each before its replies.
    [[nodiscard]] std::vector<Index> downwards() const {
        std::vector<Index> all;
        all.reserve(nodes_.size());
        for (Index const root : roots_) add_tree(root, all);
        return all;
    }

    // Step (3): what is no message gives its place to its replies, unless that would make several threads of one.
    void prune() {
        auto const promoted = [this](std::vector<Index> const& siblings, bool at_root) {
            std::vector<Index> kept;
            for (Index const at : siblings) {
                auto& replies = nodes_[at].replies;
                if (is_message(at) || (at_root && replies.size() > 1))
                    kept.push_back(at);
                else
                    kept.insert(kept.end(), replies.begin(), replies.end());
            }
            return kept;
        };
        for (Index const at : std::views::reverse(downwards()))
            if (std::ranges::any_of(nodes_[at].replies, [this](Index reply) { return !is_message(reply); }))
                nodes_[at].replies = promoted(nodes_[at].replies, false);
        roots_ = promoted(roots_, true);
    }

    // Its own, or that of the first of its replies, which are sorted.
    [[nodiscard]] Index first_message(Index at) const {
        while (!is_message(at)) at = nodes_[at].replies.front();
        return at;
    }

    void sort_by_sent(std::vector<Index>& siblings) const {
        struct Sibling {
            sys_seconds sent;
            Index message, at;
        };
        std::vector<Sibling> order;
        order.reserve(siblings.size());
        for (Index const at : siblings) {
            Index const message = first_message(at);
            order.push_back({messages_[message].sent, message, at});
        }
        std::ranges::sort(order, {}, [](Sibling const& one) { return std::pair(one.sent, one.message); });
        std::ranges::transform(order, siblings.begin(), &Sibling::at);
    }

    void sort_replies() {
        for (Index const at : std::views::reverse(downwards()))
            if (nodes_[at].replies.size() > 1) sort_by_sent(nodes_[at].replies);
    }

    [[nodiscard]] BaseSubject const& subject(Index root) const { return messages_[first_message(root)].subject; }
    [[nodiscard]] bool is_reply(Index root) const { return is_message(root) && subject(root).is_reply; }

    // Step (5).
    void gather_subjects() {
        std::unordered_map<std::string_view, Index> table;
        table.reserve(roots_.size());
        for (Index const root : roots_) { // (B)
            std::string_view const text = subject(root).text;
            if (text.empty()) continue;
            Index& kept = table.try_emplace(text, root).first->second;
            bool const dummy_comes = is_message(kept) && !is_message(root);
            bool const original_comes = is_reply(kept) && !is_reply(root);
            if (dummy_comes || original_comes) kept = root;
        }
        std::vector<Index> gone;
        for (Index const root : roots_) { // (C)
            std::string_view const text = subject(root).text;
            if (text.empty()) continue;
            Index& kept = table.find(text)->second;
            if (kept == root || nodes_[root].replaced_by != none) continue;
            merge(root, kept);
            gone.push_back(root);
        }
        std::ranges::sort(gone);
        for (Index& root : roots_)
            if (nodes_[root].replaced_by != none) root = nodes_[root].replaced_by;
        std::erase_if(roots_, [&](Index root) { return std::ranges::binary_search(gone, root); });
    }

    void merge(Index root, Index& kept) {
        if (!is_message(root) && !is_message(kept)) {
            std::ranges::copy(nodes_[root].replies, std::back_inserter(nodes_[kept].replies));
        } else if (!is_message(kept) || (is_reply(root) && !is_reply(kept))) {
            nodes_[kept].replies.push_back(root);
        } else {
            // Beside one another, below something new in the place of the first.
            auto const both = static_cast<Index>(nodes_.size());
            nodes_[kept].replaced_by = both;
            nodes_.emplace_back().replies = {kept, root};
            kept = both;
        }
    }

    [[nodiscard]] std::vector<ThreadNode> flat() const {
        std::vector<ThreadNode> out;
        out.reserve(messages_.size());
        for (Index const at : downwards())
            out.push_back(
                {is_message(at) ? messages_[at].number : 0, static_cast<std::uint32_t>(nodes_[at].replies.size())});
        return out;
    }

    std::vector<Threaded> const& messages_;
    std::vector<Node> nodes_;
    std::unordered_map<ReferenceHash, Index> by_id_;
    std::vector<Index> roots_;
};

} // namespace

std::vector<ThreadNode> thread_by_subject(std::vector<Threaded> const& messages) {
    std::vector<Threaded const*> order(messages.size());
    std::ranges::transform(messages, order.begin(), [](Threaded const& message) { return &message; });
    std::ranges::sort(order, {}, [](Threaded const* message) {
        return std::tuple(std::string_view(message->subject.text), message->sent, message->number);
    });
    std::vector<std::span<Threaded const* const>> threads;
    for (auto begin = order.begin(); begin != order.end();) {
        auto const end =
            std::find_if(begin, order.end(), [&](auto const* m) { return m->subject.text != (*begin)->subject.text; });
        threads.emplace_back(begin, end);
        begin = end;
    }
    std::ranges::sort(threads, {},
                      [](auto const& thread) { return std::pair(thread.front()->sent, thread.front()->number); });
    std::vector<ThreadNode> out;
    for (auto const& thread : threads) {
        out.push_back({thread.front()->number, static_cast<std::uint32_t>(thread.size() - 1)});
        for (Threaded const* const reply : thread.subspan(1)) out.push_back({reply->number, 0});
    }
    return out;
}

std::vector<ThreadNode> thread_by_references(std::vector<Threaded> const& messages) {
    return Forest(messages).by_references();
}

std::vector<ThreadNode> thread_by_refs(std::vector<Threaded> const& messages) { return Forest(messages).by_arrival(); }

} // namespace postern::message

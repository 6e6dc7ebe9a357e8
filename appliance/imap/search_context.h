// The results of a searching command that are kept up to date for its client (RFC 5267 §4.3): what changes is told, in
// the client's terms, so that what it has stays what the command would find now, in the order that it asked for. Pure;
// one thread.
#pragma once

#include "imap/search_condition.h"
#include "imap/sequence_numbers.h"
#include "wire/imap_response.h"

#include <memory>
#include <string>
#include <vector>

namespace postern::imap {

class SearchContext {
public:
    struct Result {
        core::Uid uid;
        std::string key = {}; // what SORT orders by (imap/sort_order.h)
    };

    // `uid`: the client calls messages by UIDs. `criteria`: of SORT; none of SEARCH, whose results stand in the order
    // of the mailbox. `found` ascends by key and UID. `items`: what the client wants to know of new messages among the
    // results (RFC 5465 §7).
    SearchContext(wire::imap::SearchCorrelator correlator, bool uid, std::shared_ptr<SearchProgram const> program,
                  std::vector<wire::imap::SortCriterion> criteria, std::vector<Result> found,
                  std::vector<wire::imap::FetchItem> items = {});

    [[nodiscard]] std::string const& tag() const { return correlator_.tag; }
    [[nodiscard]] std::shared_ptr<SearchProgram const> const& program() const { return program_; }
    [[nodiscard]] std::vector<wire::imap::SortCriterion> const& criteria() const { return criteria_; }
    [[nodiscard]] std::vector<wire::imap::FetchItem> const& items() const { return items_; }
    // What it found, up to now.
    [[nodiscard]] core::UidSet const& uids() const { return uids_; }

    // Of `looked_at` the command finds these now; of those that it found before only the UID matters. Appends what
    // there is to tell. `numbers` has all of them.
    void update(std::string& out, core::UidSet const& looked_at, std::vector<Result> found,
                SequenceNumbers const& numbers);

    // What it takes in memory, about.
    [[nodiscard]] std::size_t held_octets() const;

private:
    std::vector<wire::imap::ResultUpdate> take_out(core::UidSet const& uids, SequenceNumbers const& numbers);
    std::vector<wire::imap::ResultUpdate> put_in(std::vector<Result> results, SequenceNumbers const& numbers);
    [[nodiscard]] std::uint32_t called(core::Uid uid, SequenceNumbers const& numbers) const;

    wire::imap::SearchCorrelator correlator_;
    bool uid_;
    std::shared_ptr<SearchProgram const> program_;
    std::vector<wire::imap::SortCriterion> criteria_;
    std::vector<wire::imap::FetchItem> items_;
    core::UidSet uids_;
    std::vector<Result> sorted_; // with criteria; the same messages
};

} // namespace postern::imap

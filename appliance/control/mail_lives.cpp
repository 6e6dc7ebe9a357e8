#include "control/mail_lives.h"

#include "text/ascii.h"

#include <algorithm>
#include <deque>
#include <string_view>
#include <utility>

namespace postern::control {

namespace {

using core::Event;
using office::JournalKey;
using office::JournalRecord;

constexpr std::size_t most_events = 100; // of a life
constexpr std::size_t most_gaps = 5;

// As it stands in `words`.
std::string plain(std::string_view given) {
    if (given.starts_with('<') && given.ends_with('>')) given = given.substr(1, given.size() - 2);
    return text::lower(given);
}

bool is_one_of(std::string_view addresses, std::string_view wanted) {
    while (!addresses.empty()) {
        auto const end = std::min(addresses.find(' '), addresses.size());
        if (plain(addresses.substr(0, end)) == wanted) return true;
        addresses.remove_prefix(std::min(end + 1, addresses.size()));
    }
    return false;
}

enum class Fit : std::uint8_t { none, recipient, whole };

Fit fit(JournalRecord const& record, LivesQuery const& query) {
    bool const accepts = record.event == Event::message_accepted;
    if (accepts && !query.login.empty() && record.text(JournalKey::login) == query.login) return Fit::whole;
    if (plain(record.text(JournalKey::from)) == query.words) return Fit::whole;
    if (plain(record.text(JournalKey::message_id)) == query.words) return Fit::whole;
    if (is_one_of(record.text(JournalKey::to), query.words)) return Fit::recipient;
    if (query.account && std::ranges::contains(record.numbers(JournalKey::accounts), core::number(*query.account)))
        return Fit::recipient;
    return Fit::none;
}

class Finder {
public:
    explicit Finder(LivesQuery const& query) : query_(query) {
        for (store::MessageId const message : query.also) choose(message, Fit::recipient);
    }

    // Which messages there are.
    void look(JournalRecord const& record) {
        note_gap(record);
        auto const how = fit(record, query_);
        if (how == Fit::none || record.time < query_.since) return;
        if (auto const message = record.number(JournalKey::message)) return choose(store::MessageId{*message}, how);
        if (record.event != Event::message_refused && record.event != Event::recipient_refused) return;
        refused_.push_back({.message = std::nullopt, .events = {record}});
        if (refused_.size() > query_.most) refused_.pop_front();
    }

    // And what happened to them.
    void gather(JournalRecord const& record) {
        if (auto const message = record.number(JournalKey::message)) add(*message, record);
        if (auto const about = record.number(JournalKey::about)) add(*about, record);
        for (std::uint64_t const message : record.numbers(JournalKey::messages)) add(message, record);
    }

    Lives take() {
        for (auto& [message, one] : chosen_)
            if (!one.life.events.empty() || query_.also.contains(message)) found_.lives.push_back(std::move(one.life));
        found_.lives.insert(found_.lives.end(), refused_.begin(), refused_.end());
        std::ranges::stable_sort(found_.lives, {}, [](Life const& life) {
            return life.events.empty() ? core::WallTime{} : life.events.front().time;
        });
        if (found_.lives.size() > query_.most)
            found_.lives.erase(found_.lives.begin(), found_.lives.end() - static_cast<std::ptrdiff_t>(query_.most));
        return std::move(found_);
    }

private:
    struct Chosen {
        Fit how;
        Life life;
    };

    // Their numbers ascend with time.
    void choose(store::MessageId message, Fit how) {
        auto& one = chosen_.try_emplace(message, how, Life{.message = message, .events = {}}).first->second;
        one.how = std::max(one.how, how);
        if (chosen_.size() > query_.most) chosen_.erase(chosen_.begin());
    }

    void add(std::uint64_t message, JournalRecord const& record) {
        auto const at = chosen_.find(store::MessageId{message});
        if (at == chosen_.end()) return;
        auto& [how, life] = at->second;
        bool const of_another = !record.text(JournalKey::to).empty() && fit(record, query_) == Fit::none;
        if (how == Fit::recipient && of_another && record.event != Event::notice_made) return;
        if (life.events.size() == most_events) {
            ++life.left_out;
            return;
        }
        life.events.push_back(record);
        std::erase_if(life.events.back().fields, [](auto const& field) { return field.first == JournalKey::messages; });
    }

    void note_gap(JournalRecord const& record) {
        if (!found_.recorded_since) found_.recorded_since = record.time;
        if (record.event == Event::daemon_started && last_ && !stopped_) {
            found_.gaps.push_back({*last_, record.time});
            if (found_.gaps.size() > most_gaps) found_.gaps.erase(found_.gaps.begin());
        }
        stopped_ = record.event == Event::daemon_stopped;
        last_ = record.time;
    }

    LivesQuery const& query_;
    std::map<store::MessageId, Chosen> chosen_;
    std::deque<Life> refused_;
    std::optional<core::WallTime> last_;
    bool stopped_ = false;
    Lives found_;
};

} // namespace

Lives find_lives(office::Journal::Snapshot const& journal, LivesQuery const& query) {
    Finder finder(query);
    journal.for_each([&](JournalRecord const& record) {
        finder.look(record);
        return true;
    });
    journal.for_each([&](JournalRecord const& record) {
        finder.gather(record);
        return true;
    });
    return finder.take();
}

} // namespace postern::control

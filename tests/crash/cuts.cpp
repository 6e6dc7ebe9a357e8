#include "cuts.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace postern::crash {

namespace {

bool syncs(Kind kind) {
    return kind == Kind::sync || kind == Kind::sync_data || kind == Kind::sync_all || kind == Kind::write_through;
}

// Which records sync.
std::vector<bool> find_syncs(std::vector<Record> const& records, CutOptions const& options) {
    std::vector<bool> sync;
    std::size_t last = records.size(); // of the kind to be taken out
    int marks = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        Record const& record = records[i];
        bool const chosen = options.without == record.kind;
        if (chosen) last = i;
        sync.push_back(syncs(record.kind) && !(chosen && options.client.empty()));
        if (record.kind == Kind::mark && record.path == options.client && ++marks == 2) sync.at(last) = false;
    }
    return sync;
}

struct Place {
    std::size_t record = 0;
    bool after = false; // or during
    enum { newest, sure, random } survivors = newest;
};

std::vector<Place> choose_places(std::vector<Record> const& records, std::vector<bool> const& sync,
                                 CutOptions const& options) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (sync[i]) places.push_back(Place{i, true, Place::newest});
        if (sync[i] || records[i].kind == Kind::mark) places.push_back(Place{i, true, Place::sure});
    }
    std::mt19937_64 random(options.seed);
    std::uniform_int_distribution<std::size_t> any(0, records.size() - 1);
    for (std::size_t i = 0; i < options.random; ++i) places.push_back(Place{any(random), false, Place::random});
    std::ranges::stable_sort(places, {}, [](Place const& place) { return std::pair(place.record, place.after); });
    return places;
}

PowerCut power_cut(Place const& place, std::uint64_t seed) {
    switch (place.survivors) {
    case Place::newest: return {.survivor = [](std::size_t count) { return count - 1; }};
    case Place::sure: return {.survivor = [](std::size_t) { return 0; }};
    case Place::random: break;
    }
    std::mt19937_64 random(seed);
    constexpr std::array<std::uint64_t, 3> units{512, 4096, 65536};
    constexpr std::array<double, 3> shares{0.02, 0.5, 0.98}; // hardly anything survives, half, nearly everything
    auto const unit = units[random() % units.size()];
    auto const share = shares[random() % shares.size()];
    return {unit, [random, share](std::size_t count) mutable {
                if (count == 1 || std::bernoulli_distribution(share)(random)) return count - 1;
                return std::uniform_int_distribution<std::size_t>(0, count - 2)(random);
            }};
}

} // namespace

void for_each_cut(std::vector<Record> const& records, CutOptions const& options,
                  std::function<void(Cut const&, Disk const&)> const& visit) {
    auto const sync = find_syncs(records, options);
    auto const places = choose_places(records, sync, options);
    Disk disk;
    std::size_t number = 0;
    auto const cut = [&](std::size_t record, bool after) {
        for (; number < places.size() && places[number].record == record && places[number].after == after; ++number)
            visit({number, record, power_cut(places[number], options.seed + number)}, disk);
    };
    for (std::size_t i = 0; i < records.size(); ++i) {
        disk.begin(records[i]);
        cut(i, false);
        if (sync[i]) disk.finish(records[i]);
        cut(i, true);
    }
}

} // namespace postern::crash

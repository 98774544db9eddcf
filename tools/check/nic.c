/* Looks for a driver of each card that nodes are given; see nic.h. The cards are those of
 * drivers/net: none is named here. */
#include "tools/check/nic.h"

#include <string.h>
#include "tools/lib/cards.h"

static bool are(const char *cards, const struct network_card *card)
{
        return strcmp(cards, card->name) == 0 || strcmp(cards, "mixed") == 0;
}

bool nic_known(const char *cards)
{
        for (size_t i = 0; i < network_card_count; i++)
                if (are(cards, &network_cards[i]))
                        return true;
        return false;
}

static bool has_driver(component_ref nic, const char *driver)
{
        for (unsigned i = 0; i < nic->alternative_count; i++)
                if (text_is(nic->alternatives[i], driver))
                        return true;
        return false;
}

static void drivers_check(struct system *system, component_ref nic, const char *cards)
{
        for (size_t i = 0; i < network_card_count; i++)
                if (are(cards, &network_cards[i]) && !has_driver(nic, network_cards[i].driver))
                        system_complain(system, system->file, nic->line,
                                        "component %s has no driver for the card %s: add %s to its "
                                        "manifests, or write `is *`",
                                        shown(nic->name).text, network_cards[i].name,
                                        network_cards[i].driver);
}

void check_nic(struct system *system, const char *cards)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (component_provides(system, component_at(system, i), text_of("nic")))
                        drivers_check(system, component_at(system, i), cards);
}

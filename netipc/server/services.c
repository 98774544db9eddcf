#include "netipc/server/services.h"
#include <stdlib.h>

static bool buffers_ready(struct far_call *service, size_t bytes)
{
        if (!service->answer)
                service->answer = malloc(MESSAGE_BYTES_MAX);
        if (service->request_capacity < bytes || !service->request) {
                size_t capacity =
                    bytes > SERVICE_BYTES_SMALL ? MESSAGE_BYTES_MAX : SERVICE_BYTES_SMALL;
                free(service->request);
                service->request = malloc(capacity);
                service->request_capacity = service->request ? capacity : 0;
        }
        return service->answer && service->request;
}

static struct far_call *idle_one(struct services *services, uint64_t *bit)
{
        for (unsigned i = 0; i < SERVICES_MAX; i++) {
                *bit = 1ull << i;
                if (!services->pool[i].busy)
                        return &services->pool[i];
        }
        return NULL;
}

struct far_call *service_take(struct services *services, uint8_t peer, size_t bytes)
{
        uint64_t bit;
        struct far_call *service = idle_one(services, &bit);
        if (!service || services->busy[peer] >= services->share)
                return NULL;
        if (!service->call && sys_call_create(services->event, bit, &service->call) != OUTCOME_OK)
                return NULL;
        if (!buffers_ready(service, bytes))
                return NULL;
        service->busy = true;
        services->busy[peer]++;
        service->peer = peer;
        service->far = 0;
        service->moved_count = 0;
        return service;
}

void service_end(struct services *services, struct far_call *service, bool delivered)
{
        for (unsigned i = 0; !delivered && i < service->moved_count; i++)
                sys_handle_close(service->moved[i]);
        service->moved_count = 0;
        service->busy = false;
        services->busy[service->peer]--;
        service->far = 0;
        if (service->request_capacity > SERVICE_BYTES_SMALL) {
                free(service->request);
                service->request = NULL;
                service->request_capacity = 0;
        }
}

struct far_call *service_of(struct services *services, core_call_t far)
{
        for (unsigned i = 0; i < SERVICES_MAX; i++)
                if (services->pool[i].busy && services->pool[i].far == far)
                        return &services->pool[i];
        return NULL;
}

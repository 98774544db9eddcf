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

struct far_call *service_take(struct services *services, size_t bytes)
{
        for (unsigned i = 0; i < SERVICES_MAX; i++) {
                struct far_call *service = &services->pool[i];
                if (service->busy)
                        continue;
                if (!service->call &&
                    sys_call_create(services->event, 1ull << i, &service->call) != OUTCOME_OK)
                        return NULL;
                if (!buffers_ready(service, bytes))
                        return NULL;
                service->busy = true;
                service->far = 0;
                service->moved_count = 0;
                return service;
        }
        return NULL;
}

void service_end(struct far_call *service, bool delivered)
{
        for (unsigned i = 0; !delivered && i < service->moved_count; i++)
                sys_handle_close(service->moved[i]);
        service->moved_count = 0;
        service->busy = false;
        service->far = 0;
}

struct far_call *service_of(struct services *services, core_call_t far)
{
        for (unsigned i = 0; i < SERVICES_MAX; i++)
                if (services->pool[i].busy && services->pool[i].far == far)
                        return &services->pool[i];
        return NULL;
}

import { takeToken } from "@haishin/common/token";
import { firstLocale } from "@haishin/panel/kit/locale.ts";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { createI18n } from "vue-i18n";
import "@haishin/panel/kit/theme.css";
import App from "./App.vue";
import { messages } from "./messages.ts";
import { useRoom } from "./stores/room.ts";

const pinia = createPinia();
const i18n = createI18n({ legacy: false, locale: firstLocale(), fallbackLocale: "en", messages });

createApp(App).use(pinia).use(i18n).mount("#app");
useRoom(pinia).open(takeToken());

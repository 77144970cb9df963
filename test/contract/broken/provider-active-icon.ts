/** Breaks A1: a drawing that runs code where it is shown. */
import { soundCase } from './sound-provider.js'

export const breaks = 'A1-folder'
export const one = { ...soundCase, icon: '<svg xmlns="http://www.w3.org/2000/svg" onload="steal()"></svg>' }
